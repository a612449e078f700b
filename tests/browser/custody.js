/* Custody from the pages alone: only legal moves, what follows in plain words, a destruction by two officers, holds of an
 * exhibit and of a whole case, conditions in force. axe-core and no sideways scrolling on each page, in both themes. */
"use strict";
const fs = require("fs");
const path = require("path");
const { chromium, plan, faults, cli, open, welcome, check, until, run, axe, look, unfold } = require("./lib.js");

let browser, somchai, malee, cora, jordan, auditor;
const made = {};
const bad = [];

async function see(page, at) {
  await page.evaluate(axe);
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  await look(page, at, bad);
  await page.setViewportSize({ width: 1400, height: 900 });
}

function json(node, ...args) {
  return JSON.parse(cli(node, ...args, "--json"));
}

async function given() {
  [somchai, malee, cora, jordan, auditor] = await Promise.all(["th", "th", "th", "us", "th"].map((n) => open(browser, n)));
  for (const [page, node, name] of [[somchai, "th", "somchai"], [malee, "th", "malee"], [cora, "th", "cora"], [jordan, "us", "jordan"],
    [auditor, "th", "ann"]]) await welcome(page, node, name);
  const draft = json("th", "request", "new", "--as", "admin", "--measure", "preserve", "--urgency", "urgent", "--fields", plan.form, "--to", "us.contact", "--ours", "CCU-7");
  await malee.goto("/draft/" + draft.id);
  await malee.click("button[name=ok][value=yes]");
  made.case = json("th", "request", "send", draft.id, "--as", "admin").case_id;
  made.request = draft.id;
  await until("it arrived", async () => {
    await jordan.goto("/");
    return (await jordan.locator(`.row a.go[href="/request/${made.request}"]`).count()) > 0;
  }, 60000);
  await jordan.goto("/request/" + made.request);
  const offer = 'details:has(input[name=state][value="condition-offered"])';
  await unfold(jordan.locator(offer));
  await jordan.selectOption(offer + " [name=condition_type]", "use-limit");
  await jordan.fill(offer + " [name=condition_text]", "only in the case CCU-7");
  await Promise.all([jordan.waitForLoadState(), jordan.click(offer + " form button")]);
  await until("the offer", async () => {
    await somchai.goto("/case/" + made.case);
    return (await somchai.getByText("offered, not answered yet").count()) > 0;
  });
  await malee.goto("/case/" + made.case);
  check((await malee.locator("main").getByText("only in the case CCU-7").count()) > 0, "an approver reads the condition");
  await somchai.goto("/request/" + made.request);
  const accept = 'details:has(input[name=state][value="condition-accepted"])';
  await unfold(somchai.locator(accept));
  await Promise.all([somchai.waitForLoadState(), somchai.click(accept + " form button")]);
  const file = path.join(plan.base, "disk.bin");
  fs.writeFileSync(file, Buffer.alloc(50000, 3));
  made.exhibit = json("us", "exhibit", "seal", file, "--case", made.case, "--to", "th.contact", "--as", "admin").id;
  await until("the exhibit", async () => {
    await cora.goto("/case/" + made.case);
    return (await cora.locator(`form[action="/exhibit/${made.exhibit}/fetch"] button`).count()) > 0;
  });
  await cora.click(`form[action="/exhibit/${made.exhibit}/fetch"] button`);
  await until("the exhibit verified", async () => {
    await cora.goto("/exhibit/" + made.exhibit);
    return (await cora.locator("main .head .state").textContent()).includes("verified");
  });
}

function form(page, action) {
  return page.locator(`details.move:has(input[name=action][value="${action}"])`);
}

/* Fills every required field of a move's form and signs it. */
async function act(page, action, values = {}) {
  const at = form(page, action);
  if (!(await at.evaluate((e) => e.open))) await at.locator("summary").click();
  for (const box of await at.locator("[required]").all()) {
    const name = await box.getAttribute("name"), value = values[name];
    if ((await box.getAttribute("type")) === "checkbox") await box.check();
    else if ((await box.evaluate((e) => e.tagName)) === "SELECT") await box.selectOption(value || { index: 1 });
    else await box.fill(value || "of " + name);
  }
  if (values.until) await at.locator("[name=until]").fill(values.until);
  await Promise.all([page.waitForURL(/\/(exhibit|case)\//), at.locator("form button").click()]);
  await page.waitForLoadState();
}

async function legalOnly() {
  await cora.goto("/exhibit/" + made.exhibit);
  check((await form(cora, "checked-in").count()) === 1 && (await form(cora, "checked-out").count()) === 0, "in the store before out of it");
  check((await form(cora, "released").count()) === 0, "no hold to end");
  check((await form(cora, "eased").count()) === 0, "the condition is not ours to ease");
  check((await cora.getByText("only in the case CCU-7").count()) > 0, "the condition is shown");
  await see(cora, "/exhibit/:id of a custodian");
  await act(cora, "checked-in", { place: "Store 2, Bangkok", condition: "seal 4711 unbroken" });
  check((await form(cora, "checked-out").count()) === 1 && (await form(cora, "checked-in").count()) === 0, "and now only out of it");
  check((await cora.locator("#chain ~ ol").getByText("seal 4711 unbroken").count()) === 1, "it is in the chain");
  await act(cora, "examined", { use: "case", result: "a copy of the index" });
  check((await cora.locator("#chain ~ ol").getByText("a copy of the index").count()) === 1, "with what came of it");
  await auditor.goto("/exhibit/" + made.exhibit);
  check((await auditor.locator("details.move").count()) === 0, "an auditor has no form");
}

async function held() {
  await act(cora, "held", { purpose: "appeal pending", until: new Date(Date.now() + 9 * 86400e3).toISOString().slice(0, 10) });
  check((await cora.locator("main").getByText("to be looked at again on").count()) === 2, "the day is said, and in the chain");
  await see(cora, "/exhibit/:id on hold until a day");
  await cora.goto("/");
  check((await cora.getByText("on hold; to be looked at again on").count()) === 1, "the inbox reminds");
  await see(cora, "/ with a hold to look at");
  await cora.goto("/exhibit/" + made.exhibit);
  check((await form(cora, "destroyed").count()) === 0, "nothing on hold is destroyed");
  check((await cora.locator("main").getByText("appeal pending").count()) > 0, "why it is on hold");
  check((await cora.getByText("not now.").count()) === 1, "and that it is said");
  await act(cora, "released", { purpose: "appeal decided" });
  await cora.goto("/case/" + made.case);
  await act(cora, "held", { purpose: "joint inquiry" });
  check((await cora.locator(".row:has-text('disk.bin')").getByText("on hold").count()) === 1, "the hold of the case is on its exhibit");
  await see(cora, "/case/:id with a hold");
  await cora.goto("/exhibit/" + made.exhibit);
  check((await cora.getByText("(said of the whole case)").count()) === 1, "and said to be the case's");
  await cora.goto("/case/" + made.case);
  await act(cora, "released");
  await cora.goto("/");
  const row = cora.locator(`.row:has(a[href="/exhibit/${made.exhibit}#moves"])`);
  check((await row.getByText("a hold ended").count()) === 1, "the inbox asks what becomes of it");
  await see(cora, "/ with evidence to decide on");
}

async function destroyed() {
  await cora.goto("/exhibit/" + made.exhibit);
  const at = form(cora, "destroyed");
  await at.locator("summary").click();
  check((await at.getByText("This cannot be undone.").count()) === 1, "what follows is said before");
  check((await at.locator(".notice bdi").allTextContents()).includes("malee"), "and who could confirm it");
  await act(cora, "destroyed", { purpose: "period is over" });
  const row = cora.locator("main section.notice a.go");
  check((await row.count()) === 1 && (await cora.locator("main .head .state").first().textContent()).includes("verified"), "it is only proposed");
  await see(cora, "/exhibit/:id with a proposal");
  await malee.goto("/");
  await malee.locator(".row a.go", { hasText: "destroyed" }).click();
  await malee.waitForURL("**/draft/*");
  check((await malee.getByText("It is done as soon as you approve it.").count()) === 1, "the approver reads what follows");
  await see(malee, "/draft/:id of a destruction");
  await malee.click("button[name=ok][value=yes]");
  check((await malee.getByText("tick that you have read what follows").count()) === 1, "not without the tick");
  faults.pop();
  await malee.goBack();
  await malee.check("[name=sure]");
  await Promise.all([malee.waitForURL("**/draft/*"), malee.click("button[name=ok][value=yes]")]);
  await cora.goto("/exhibit/" + made.exhibit);
  check((await cora.locator("main .head .state").first().textContent()).includes("destroyed"), "destroyed");
  check((await cora.locator("details.move").count()) === 0 && (await cora.getByText("Nothing any more").count()) === 1, "no move is left");
  check((await cora.locator("#chain ~ ol").getByText("confirmed by").count()) >= 1, "both officers are in the chain");
}

async function nothingElse() {
  check(bad.length === 0, "\n  " + bad.join("\n  "));
  check(faults.length === 0, "\n  " + faults.join("\n  "));
}

async function main() {
  browser = await chromium.launch({ executablePath: plan.chromium, args: ["--no-sandbox"] });
  const status = await run([
    ["evidence comes under a condition", given],
    ["an exhibit has a form for each legal move, and for no other", legalOnly],
    ["a hold, of an exhibit and of a case", held],
    ["a destruction is proposed, confirmed and shown", destroyed],
    ["axe-core and the console have nothing to say", nothingElse],
  ]);
  await browser.close();
  process.exit(status);
}

main().catch((e) => {
  console.log(`FAILED   browser: ${e.stack}\n0 passed, 1 failed`);
  process.exit(1);
});
