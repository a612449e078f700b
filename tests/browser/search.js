/* A search among very many records: words that many hold and none together end with that being said, by itself or, without
 * a script, by a link; axe-core on what is shown meanwhile. */
"use strict";
const { chromium, plan, faults, open, welcome, check, run, axe, look } = require("./lib.js");

let browser, noi;
const NEVER = "/search?words=garcia+tanaka", END = "Nothing that you may see holds all these words";

async function goesOn() {
  noi = await open(browser, "th");
  await welcome(noi, "th", "noi");
  const asked = [];
  noi.on("request", (r) => asked.push(new URL(r.url())));
  await noi.goto(NEVER);
  await noi.getByText(END).waitFor();
  const more = asked.filter((u) => u.pathname === "/search" && u.searchParams.has("before")).map((u) => +u.searchParams.get("before"));
  check(more.length > 0 && more.every((n, i) => i === 0 || n < more[i - 1]), "it goes down: " + more);
  check((await noi.locator(".rest").count()) === 1 && (await noi.locator(".none").count()) === 1, "one answer is left");
  await noi.goto("/search?words=meyer+account39999");
  check((await noi.locator("article.row").count()) === 1 && (await noi.getByText("Older").count()) === 0, "what is there is found");
  return `${more.length} parts`;
}

async function withoutScript() {
  const page = await open(browser, "th", { javaScriptEnabled: false, storageState: await noi.context().storageState() });
  await page.goto(NEVER);
  for (let i = 0; i < 20 && !(await page.getByText(END).count()); i++) {
    check((await page.getByText("None of those looked at so far").count()) === 1, "it says that it is not the end");
    await page.getByText("Older").click();
  }
  check((await page.getByText(END).count()) === 1, "the links come to the end");
  await page.goto("/search?words=garcia");
  check((await page.locator("article.row").count()) === 50 && (await page.getByText("Older").count()) === 1, "a full page goes on by a link");
  await page.context().close();
}

async function looksWell() {
  const bad = [];
  const page = await open(browser, "th", { storageState: await noi.context().storageState(), bypassCSP: true });
  await page.addInitScript(axe);
  await page.route(/before=/, (r) => r.abort()); /* it stays where it is */
  await page.goto(NEVER);
  await look(page, "search goes on", bad);
  check(bad.length === 0, "\n  " + bad.join("\n  "));
  faults.splice(0, faults.length, ...faults.filter((f) => !/htmx:|before=|ERR_FAILED/.test(f)));
  await page.context().close();
}

async function nothingElse() {
  check(faults.length === 0, "\n  " + faults.join("\n  "));
}

async function main() {
  browser = await chromium.launch({ executablePath: plan.chromium, args: ["--no-sandbox"] });
  const status = await run([
    ["a search goes on by itself until it has found something or all was looked at", goesOn],
    ["without a script it goes on by a link", withoutScript],
    ["axe-core has nothing to say about any state of a search", looksWell],
    ["no error in a console, no request to another host", nothingElse],
  ]);
  await browser.close();
  process.exit(status);
}

main().catch((e) => {
  console.log(`FAILED   browser: ${e.stack}\n0 passed, 1 failed`);
  process.exit(1);
});
