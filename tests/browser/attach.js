/* Attachments in a browser: given with progress, stopped, taken away; sent, saved at the other side byte for byte;
 * the same by keyboard and without script; axe-core on the pages that show them. */
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const { chromium, plan, faults, open, welcome, check, until, run, unfold, fill } = require("./lib.js");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
let browser, somchai, malee, jordan;
const made = {};
const order = crypto.randomBytes(3000000), small = Buffer.from("account,period\r\n");

async function ask(page) {
  await page.selectOption("[name=to]", "us.contact");
  await page.fill("[name=ours]", made.ours = "ATT-" + Date.now());
  await fill(page, plan.fields);
}

function file(name, buffer) { return { name, mimeType: "application/octet-stream", buffer }; }

async function axed(page) {
  await page.evaluate(axe);
  const found = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), AXE_RULES);
  check(found.violations.length === 0, page.url() + ": " + JSON.stringify(found.violations.map((v) => [v.id, v.nodes.map((n) => n.html)])));
}

async function saved(page, name) {
  const [down] = await Promise.all([page.waitForEvent("download"), page.click(`.file a:has-text("${name}")`)]);
  check(down.suggestedFilename() === name, "saved as " + down.suggestedFilename());
  return fs.readFileSync(await down.path());
}

async function begin() {
  [somchai, malee, jordan] = await Promise.all(["th", "th", "us"].map((n) => open(browser, n)));
  await welcome(somchai, "th", "somchai");
  await welcome(malee, "th", "malee");
  await welcome(jordan, "us", "jordan");
}

async function given() {
  const page = somchai;
  await page.goto("/compose/preserve");
  await ask(page);
  await page.setInputFiles(".attach input[type=file]", [file("คำสั่งศาล.pdf", order), file("annex.csv", small)]);
  await until("both rows", async () => (await page.locator(".files input[name=attachment]").count()) === 2);
  check((await page.locator(".files").innerText()).includes("คำสั่งศาล.pdf"), "the name");
  await axed(page);
  /* One is too large, one is empty: told, and nothing is kept. */
  await page.setInputFiles(".attach input[type=file]", [file("empty.txt", Buffer.alloc(0))]);
  await until("the fault", async () => (await page.locator(".files li.fault").innerText()).includes("empty"));
  /* Taken away by keyboard, and given again. */
  await page.locator('.files li:has-text("annex.csv") button').focus();
  await page.keyboard.press("Enter");
  await until("one row", async () => (await page.locator(".files input[name=attachment]").count()) === 1);
  await page.setInputFiles(".attach input[type=file]", [file("annex.csv", small)]);
  await until("two rows", async () => (await page.locator(".files input[name=attachment]").count()) === 2);
  await shots(page, "compose");
  await Promise.all([page.waitForURL("**/draft/*"), page.click("main button.main")]);
  made.draft = page.url().split("/").pop();
}

async function stopped() {
  const page = await somchai.context().newPage();
  await page.goto("/compose/preserve");
  await page.route("**/attachment", () => {}); /* it hangs until it is stopped */
  await page.setInputFiles(".attach input[type=file]", [file("slow.bin", order)]);
  check(await page.locator(".files progress").count() === 1, "a bar");
  check(await page.locator("main button.main").isDisabled(), "nothing is sent while a file is on its way");
  await page.click(".files button");
  await until("it went", async () => (await page.locator(".files li").count()) === 0);
  check(!(await page.locator("main button.main").isDisabled()), "and then it can be");
  await page.close();
}

async function sent() {
  await malee.goto("/draft/" + made.draft);
  check((await saved(malee, "annex.csv")).equals(small), "who approves reads it");
  await malee.click("button[name=ok][value=yes]");
  await malee.waitForLoadState();
  await somchai.goto("/draft/" + made.draft);
  await axed(somchai);
  await shots(somchai, "draft");
  await Promise.all([somchai.waitForURL("**/case/*"), somchai.click(`form[action="/draft/${made.draft}/send"] button`)]);
  await until("the files at the other side", async () => {
    await jordan.goto("/request/" + made.draft);
    return (await jordan.locator('.timeline .file a').count()) === 2;
  });
  check((await jordan.locator(".timeline .file").count()) === 2, "files stand with what carries them, and nowhere else");
  check((await saved(jordan, "คำสั่งศาล.pdf")).equals(order), "the bytes");
  await axed(jordan);
  await shots(jordan, "request");
}

async function answered() {
  await jordan.goto("/request/" + made.draft);
  await unfold(jordan.locator('details:has(input[name=state][value="acknowledged"])'));
  const form = jordan.locator('form:has(input[name=state][value="acknowledged"])');
  await form.locator("input[type=file]").setInputFiles([file("letter.txt", Buffer.from("dear"))]);
  await until("the row", async () => (await form.locator("input[name=attachment]").count()) === 1);
  await form.locator("button:not([name=drop])").click();
  await jordan.waitForLoadState();
  await until("the letter", async () => {
    await somchai.goto("/request/" + made.draft);
    return (await somchai.locator('.file a:has-text("letter.txt")').count()) === 1;
  });
  check((await saved(somchai, "letter.txt")).toString() === "dear", "the letter");
  await somchai.click('a[href^="/case/"]');
  await axed(somchai);
  await shots(somchai, "case");
}

async function plainly() {
  const context = await browser.newContext({ baseURL: plan.nodes.th.url, javaScriptEnabled: false,
    storageState: await somchai.context().storageState() });
  const page = await context.newPage();
  await page.goto(somchai.url());
  await page.fill("#text", "without script");
  await page.setInputFiles(".attach input[type=file]", [file("plain.txt", Buffer.from("plain"))]);
  await Promise.all([page.waitForNavigation(), page.click('form[action$="/message"] button')]);
  check((await page.locator('.file:has-text("plain.txt")').count()) === 1, "it is in the case");
  await context.close();
}

/* For a person who looks: SHOTS=folder keeps pictures of what changed. */
async function shots(page, name) {
  if (!process.env.SHOTS) return;
  for (const scheme of ["light", "dark"]) for (const width of [390, 1400]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: path.join(process.env.SHOTS, `${name}-${scheme}-${width}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1400, height: 900 });
}

async function quiet() {
  const real = faults.filter((f) => !f.includes("400 (Bad Request)"));
  check(real.length === 0, real.join("\n"));
}

(async () => {
  browser = await chromium.launch({ executablePath: plan.chromium, args: ["--no-sandbox"] });
  const code = await run([["officers sign in", begin], ["files are given, refused and taken away", given],
    ["a file on its way is stopped", stopped], ["files go with a request and are saved as they were", sent],
    ["a letter comes back with an answer", answered], ["a form without script brings a file", plainly],
    ["no page complained", quiet]]);
  await browser.close();
  process.exit(code);
})();
