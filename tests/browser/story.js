/* The whole story at two desks: asked, approved, sent, arrives live, answered, evidence fetched. Then the same desk by
 * keyboard alone, without script, and with axe-core on every page in both themes at three widths. */
"use strict";
const fs = require("fs");
const path = require("path");
const { chromium, plan, PASSWORD, faults, totp, cli, open, welcome, check, until, run, axe, look, focused, tabTo, unfold, fill } = require("./lib.js");

let browser, somchai, malee, jordan, admin, jordanKey;
const made = {}; /* ids: request, case, draft */

async function compose(page, number) {
  await page.goto("/compose");
  await page.click('a[href="/compose/preserve"]');
  await page.selectOption("[name=to]", "us.contact");
  await page.fill("[name=ours]", number);
  await page.selectOption("[name=urgency]", "urgent");
  await fill(page, plan.fields);
  await Promise.all([page.waitForURL("**/draft/*"), page.click("main button.main")]);
  return page.url().split("/").pop();
}

async function approve(page, draft) {
  await page.goto("/draft/" + draft);
  await page.click("button[name=ok][value=yes]");
  await page.waitForLoadState();
}

async function send(page, draft) {
  await page.goto("/draft/" + draft);
  await Promise.all([page.waitForURL("**/case/*"), page.click(`form[action="/draft/${draft}/send"] button`)]);
  return page.url().split("/").pop();
}

async function answer(page, state) {
  const form = page.locator(`form:has(input[name=state][value="${state}"])`);
  await unfold(page.locator(`details:has(input[name=state][value="${state}"])`));
  for (const box of await form.locator("input[type=checkbox][required]").all()) await box.check();
  await form.locator("button").click();
  await page.waitForLoadState();
}

/* ---- the story ---- */

async function invitations() {
  [somchai, malee, jordan, admin] = await Promise.all(["th", "th", "us", "th"].map((n) => open(browser, n)));
  await welcome(somchai, "th", "somchai");
  await welcome(malee, "th", "malee");
  jordanKey = await welcome(jordan, "us", "jordan");
  await welcome(admin, "th", "admin");
  check(await jordan.locator("#list").isVisible(), "the inbox is there");
}

async function wrongForms() {
  await somchai.goto("/compose/preserve");
  await somchai.selectOption("[name=to]", "us.contact");
  await somchai.fill("[name=ours]", "kept <b>");
  await somchai.click("main button.main");
  await somchai.waitForSelector("#fault");
  check((await somchai.inputValue("[name=ours]")) === "kept <b>", "what was typed stays typed");
  const told = faults.pop(); /* a browser's word for the answer that was wanted here */
  check(/400 \(Bad Request\)/.test(told) && faults.length === 0, told);
}

async function asked() {
  made.draft = await compose(somchai, "CCU-1");
  check(await somchai.getByText("second officer must approve").isVisible(), "it waits for a second officer");
  check((await somchai.locator(`form[action$="/send"]`).count()) === 0, "it cannot be sent before");
  await malee.goto("/");
  check(await malee.getByRole("heading", { name: "Waiting for you" }).isVisible(), "the inbox says whose turn it is");
  await approve(malee, made.draft);
}

async function arrivesLive() {
  await jordan.goto("/");
  check((await jordan.locator(".row a.go[href^='/request/']").count()) === 0, "nothing yet");
  await somchai.goto("/draft/" + made.draft);
  const at = Date.now();
  await somchai.click(`form[action="/draft/${made.draft}/send"] button`, { noWaitAfter: true });
  const row = jordan.locator(`.row a.go[href="/request/${made.draft}"]`);
  await row.waitFor();
  const ms = Date.now() - at;
  await somchai.waitForURL("**/case/*");
  made.case = somchai.url().split("/").pop();
  made.request = made.draft;
  check(ms < 5000, `shown after ${ms} ms`);
  return `${ms} ms from the click to the other desk`;
}

async function answered() {
  await jordan.click(`.row a.go[href="/request/${made.request}"]`);
  check(await jordan.getByText("Example Cloud Inc.").first().isVisible(), "the receiver reads the form");
  for (const state of ["acknowledged", "accepted", "executed"]) await answer(jordan, state);
  await until("executed at the other desk", async () => {
    await somchai.goto("/request/" + made.request);
    return (await somchai.locator("main .head .state").textContent()).includes("executed");
  });
}

/* From the pages alone: what is next is said, and both sides can end it. */
async function closed() {
  const mine = (await compose(somchai, "CCU-CLOSE"));
  await approve(malee, mine);
  await somchai.goto("/draft/" + mine);
  await Promise.all([somchai.waitForURL("**/case/*"), somchai.click(`form[action="/draft/${mine}/send"] button`)]);
  await until("it arrived", async () => {
    const page = await jordan.goto("/request/" + mine);
    return page.status() === 200;
  });
  check(await jordan.getByText("acknowledge it: they wait to know").isVisible(), "the next step is said");
  for (const state of ["acknowledged", "executed"]) await answer(jordan, state);
  await until("executed here", async () => {
    await somchai.goto("/request/" + mine);
    return (await somchai.locator("main .head .state").textContent()).includes("executed");
  });
  check(await somchai.getByText("close it when nothing more is to come").isVisible(), "and here");
  await somchai.locator(".timeline a", { hasText: "Show me the proof" }).first().click();
  await somchai.waitForURL("**/proof");
  check(await somchai.getByText("What proves this record").isVisible(), "the proof is shown");
  await somchai.goto("/request/" + mine);
  await answer(somchai, "closed");
  await until("closed there", async () => {
    await jordan.goto("/request/" + mine);
    return (await jordan.locator("main .head .state").textContent()).includes("closed");
  });
  /* What is kept stays kept, is counted at both, and can still be asked for. */
  for (const page of [somchai, jordan]) check(await page.getByText("You are warned before it").isVisible(), "kept on");
  check(await jordan.locator("dl.facts time", { hasText: "left" }).isVisible(), "the days are counted");
  await somchai.goto("/request/" + mine);
  await somchai.click('a[href^="/compose/subscriber"]');
  await somchai.waitForURL("**/compose/subscriber**");
  check((await somchai.locator("[name=case_id]").inputValue()) !== "", "the follow-up goes into the same case");
  made.closed = mine;
}

async function evidence() {
  const file = path.join(plan.base, "evidence.bin");
  fs.writeFileSync(file, Buffer.alloc(100000, 7));
  made.exhibit = JSON.parse(cli("us", "exhibit", "seal", file, "--case", made.case, "--to", "th.contact", "--json")).id;
  await until("the exhibit", async () => {
    await admin.goto("/case/" + made.case);
    return (await admin.locator('form[action^="/exhibit/"] button').count()) > 0;
  });
  await admin.locator('form[action^="/exhibit/"] button').first().click();
  await until("the exhibit verified", async () => {
    await admin.goto("/case/" + made.case);
    return (await admin.locator(".row:has-text('evidence.bin') .state").first().textContent()).includes("verified");
  });
}

async function said() {
  await somchai.goto("/case/" + made.case);
  await somchai.fill("[name=text]", "Thank you <script>alert(1)</script>");
  await somchai.click('form[action$="/message"] button');
  await until("the message", async () => {
    await jordan.goto("/case/" + made.case);
    return (await jordan.getByText("Thank you <script>").count()) > 0;
  });
}

/* ---- other ways to use it ---- */

async function keyboardOnly() {
  const draft = await compose(somchai, "CCU-2");
  await approve(malee, draft);
  made.second = draft;
  await send(somchai, draft);
  const page = await open(browser, "us");
  await page.goto("/sign-in");
  await focused(page, "#officer");
  await page.keyboard.type("jordan");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Tab");
  await page.keyboard.type(totp(jordanKey, 1));
  await Promise.all([page.waitForURL("**/"), page.keyboard.press("Enter")]);
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.matches(".skip")), "the first stop skips to the page");
  await page.locator(`.row a.go[href="/request/${draft}"]`).waitFor();
  for (let i = 0; i < 50; i++) {
    await page.keyboard.press("j");
    if (await page.evaluate((d) => document.activeElement.querySelector?.(`a.go[href="/request/${d}"]`) != null, draft)) break;
  }
  await Promise.all([page.waitForURL("**/request/" + draft), page.keyboard.press("Enter")]);
  const form = 'details:has(input[name=state][value="acknowledged"])';
  await tabTo(page, "the move", `${form} > summary`);
  check(await page.locator(form).evaluate((e) => e.open), "the usual move is open already");
  await tabTo(page, "its button", `${form} button`);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("main .head .state").textContent.includes("acknowledged"));
  await page.keyboard.press("g");
  await page.waitForURL("**/");
  await page.context().close();
}

async function withoutScript() {
  const page = await open(browser, "us", { javaScriptEnabled: false, storageState: await jordan.context().storageState() });
  await page.goto("/");
  await page.click(`.row a.go[href="/request/${made.second}"]`);
  await answer(page, "accepted");
  check((await page.locator("main .head .state").textContent()).includes("accepted"), "answered without script");
  for (const at of ["/cases", "/case/" + made.case, "/network", "/account"]) {
    const r = await page.goto(at);
    check(r.status() === 200 && (await page.locator("h1").count()) === 1, at);
  }
  await page.context().close();
}

/* ---- every page ---- */

/* The names in a path of the table; a page that needs another one is told here. */
function concrete(route) {
  const names = { "/case/:id": made.case, "/request/:id": made.request, "/draft/:id": made.last, "/draft/:id/preview": made.last,
    "/draft/:id/print": made.last, "/request/:id/print": made.request, "/record/:id/proof": made.request, "/exhibit/:id": made.exhibit,
    "/compose/:measure": "preserve",
    "/law/fact/:id": "AD.status-cets-185", "/law/instrument/:code": "cets-185" };
  const values = { id: made.case, measure: "preserve", address: "us.contact", economy: "TH", code: "TH", instrument: "un-cybercrime",
    name: "somchai", officer: "somchai", unit: "all", year: String(new Date().getUTCFullYear()) };
  const last = names[route] || null;
  return last !== null ? route.replace(/:\w+/, last) : route.replace(/:(\w+)/g, (_, n) => values[n] || n);
}

/* Parts of pages, the stream and what is only saved (attach.js) are no pages of their own. */
const NO_PAGE = ["/inbox", "/live", "/welcome", "/attachment/:id"];

async function everyPage() {
  const bad = [];
  let pages = 0;
  made.last = await compose(somchai, "CCU-3");
  const visit = async (page, at) => {
    const r = await page.goto(at).catch((e) => {
      if (!e.message.includes("Download is starting")) throw e;
    });
    if (r === undefined) return;
    const html = (r.headers()["content-type"] || "").startsWith("text/html");
    if (r.status() !== 200 && html) bad.push(`${at}: ${r.status()}; tell its names in concrete()`);
    if (!html || r.status() !== 200 || !(await page.locator("main").count())) return;
    pages++;
    await page.evaluate(axe);
    await look(page, at, bad);
  };
  for (const route of plan.pages) if (!NO_PAGE.includes(route) && route !== "/sign-in") await visit(admin, concrete(route));
  await visit(malee, "/draft/" + made.last);
  await visit(jordan, "/request/" + made.second);
  await visit(somchai, "/request/" + made.closed);
  const stranger = await open(browser, "th");
  await visit(stranger, "/sign-in");
  await visit(stranger, JSON.parse(cli("th", "user", "invite", "somchai", "--as", "admin", "--json")).link);
  check(bad.length === 0, "\n  " + bad.join("\n  "));
  return `${pages} pages, 6 views each`;
}

async function rightToLeft() {
  const page = await open(browser, "th", { locale: "ar", storageState: await admin.context().storageState() });
  await page.goto("/compose/preserve");
  const bad = [];
  check((await page.evaluate(() => getComputedStyle(document.body).direction)) === "rtl", "Arabic runs from right to left");
  await page.evaluate(axe);
  await look(page, "/compose/preserve in Arabic", bad);
  check(bad.length === 0, bad.join("\n  "));
  await page.context().close();
}

async function nothingElse() {
  check(faults.length === 0, "\n  " + faults.join("\n  "));
}

async function main() {
  browser = await chromium.launch({ executablePath: plan.chromium, args: ["--no-sandbox"] });
  const status = await run([
    ["officers take their invitations", invitations],
    ["a form with faults keeps what was typed", wrongForms],
    ["a request is written, and approved by a second officer", asked],
    ["it arrives at the other desk by itself", arrivesLive],
    ["it is acknowledged, accepted, executed", answered],
    ["a request is sent, answered and closed from the pages alone", closed],
    ["evidence arrives, is fetched and verified", evidence],
    ["a message is text", said],
    ["the keyboard alone is enough", keyboardOnly],
    ["reading and answering need no script", withoutScript],
    ["axe-core has nothing to say about any page", everyPage],
    ["Arabic runs from right to left", rightToLeft],
    ["no error in a console, no request to another host", nothingElse],
  ]);
  await browser.close();
  process.exit(status);
}

main().catch((e) => {
  console.log(`FAILED   browser: ${e.stack}\n0 passed, 1 failed`);
  process.exit(1);
});
