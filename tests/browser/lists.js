/* The header on a telephone: one line, in every language; its menu by mouse, by keyboard alone, and without script. And
 * what is done with many rows of the lists of cases and of what was found, in the same three ways. */
"use strict";
const { chromium, plan, faults, cli, open, welcome, check, until, run, axe, look, tabTo } = require("./lib.js");

let browser, admin, desk;
const made = [];
const bad = [];
const WIDTH = 390;

/* ---- the header ---- */

async function header(page, at) {
  await page.setViewportSize({ width: WIDTH, height: 800 });
  await page.goto(at);
  return page.evaluate(() => {
    const top = document.querySelector("header.top").getBoundingClientRect();
    const line = parseFloat(getComputedStyle(document.body).lineHeight);
    return { lines: top.height / line, nav: document.querySelector("header nav").offsetParent !== null,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth };
  });
}

async function shortHeader() {
  for (const locale of ["en", "th", "fr", "es", "ja", "ar"]) {
    const page = await open(browser, "th", { locale, storageState: await admin.context().storageState() });
    const got = await header(page, "/cases");
    check(got.lines <= 2.2 && !got.nav && got.wide <= 0, `${locale}: ${JSON.stringify(got)}`);
    for (const width of [820, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const lines = await page.evaluate(() =>
        document.querySelector("header.top").getBoundingClientRect().height / parseFloat(getComputedStyle(document.body).lineHeight));
      check(lines <= (width === 820 ? 5 : 4), `${locale} at ${width}: ${lines} lines`);
    }
    await page.setViewportSize({ width: WIDTH, height: 800 });
    await page.locator("header .menu summary").click();
    check((await page.locator('header nav a[href="/numbers"]').isVisible()) && (await page.locator("header .me button").isVisible()),
      `${locale}: the menu opens`);
    if (["th", "ar"].includes(locale)) {
      await page.evaluate(axe);
      await look(page, `/cases with the menu open in ${locale}`, bad);
    }
    await page.context().close();
  }
}

async function byKeyboardAndWithoutScript() {
  for (const javaScriptEnabled of [true, false]) {
    const page = await open(browser, "th", { javaScriptEnabled, storageState: await admin.context().storageState() });
    await page.setViewportSize({ width: WIDTH, height: 800 });
    await page.goto("/cases");
    if (javaScriptEnabled) {
      await tabTo(page, "the menu", ".menu summary");
      await page.keyboard.press("Enter");
      await tabTo(page, "the network", 'header nav a[href="/network"]');
      await Promise.all([page.waitForURL("**/network"), page.keyboard.press("Enter")]);
    } else {
      await page.locator("header .menu summary").click();
      await Promise.all([page.waitForURL("**/network"), page.locator('header nav a[href="/network"]').click()]);
    }
    await page.context().close();
  }
  await admin.setViewportSize({ width: 1400, height: 900 });
  await admin.goto("/");
  check((await admin.locator("header nav").isVisible()) && !(await admin.locator("header .menu").isVisible()), "no menu where there is room");
}

/* ---- many rows ---- */

function json(node, ...args) {
  return JSON.parse(cli(node, ...args, "--json", "--as", "admin"));
}

/* Two cases of us: there no second officer is asked. */
async function twoCases() {
  desk = await open(browser, "us");
  await welcome(desk, "us", "admin");
  for (const ours of ["M-1", "M-2"]) {
    const draft = json("us", "request", "new", "--measure", "preserve", "--urgency", "urgent", "--fields", plan.form, "--to", "th.contact",
      "--ours", ours);
    made.push(json("us", "request", "send", draft.id));
  }
  await until("both can be found", async () => {
    await desk.goto("/search?words=example");
    return (await desk.locator('.row input[name="id"]').count()) === 2;
  });
}

async function byKeys() {
  await desk.goto("/cases");
  check(await desk.locator("#bulk").isHidden(), "nothing is chosen yet");
  await desk.keyboard.press("j");
  await desk.keyboard.press("x");
  check((await desk.locator("#chosen").textContent()) === "1" && (await desk.locator("#bulk").isVisible()), "one is chosen");
  await desk.keyboard.press("X");
  check((await desk.locator("#chosen").textContent()) === "2", "all are chosen");
  await desk.evaluate(axe);
  await look(desk, "/cases with a choice", bad);
  await desk.setViewportSize({ width: 1400, height: 900 });
  await desk.keyboard.press("a");
  await Promise.all([desk.waitForURL("**/cases/each"), desk.keyboard.press("Enter")]);
  check((await desk.locator(".row .state.done").count()) === 2, "both are taken");
  await Promise.all([desk.waitForURL("**/cases?*"), desk.locator("a.back").press("Enter")]);
  check(json("us", "request", "list").requests.every((r) => r.officer === "admin"), "by who pressed the key");
}

async function found() {
  await desk.goto("/search?words=example");
  await desk.keyboard.press("X");
  check((await desk.locator("#chosen").textContent()) === "2", "both are chosen");
  await desk.evaluate(axe);
  await look(desk, "/search with a choice", bad);
  await desk.setViewportSize({ width: 1400, height: 900 });
  const [file] = await Promise.all([desk.waitForEvent("download"), desk.locator('#bulk button[value="csv"]').click()]);
  check(file.suggestedFilename() === "requests.csv", file.suggestedFilename());
  await Promise.all([desk.waitForURL("**/inbox/each"), desk.locator('#bulk button[value="read"]').click()]);
  await Promise.all([desk.waitForURL("**/search?words=example*"), desk.locator("a.back").click()]);
}

async function withoutScript() {
  const page = await open(browser, "us", { javaScriptEnabled: false, storageState: await desk.context().storageState() });
  await page.goto("/cases");
  check(await page.locator("#bulk").isVisible(), "what can be done stands there");
  await page.locator('.pick-row input[name="id"]').first().check();
  await Promise.all([page.waitForURL("**/cases/each"), page.locator('#bulk button[value="read"]').click()]);
  check((await page.locator(".row .state.done").count()) === 1, "one was marked as read");
  await page.context().close();
}

async function nothingElse() {
  check(bad.length === 0, "\n  " + bad.join("\n  "));
  check(faults.length === 0, "\n  " + faults.join("\n  "));
}

async function begin() {
  admin = await open(browser, "th");
  await welcome(admin, "th", "admin");
}

async function main() {
  browser = await chromium.launch({ executablePath: plan.chromium, args: ["--no-sandbox"] });
  const status = await run([
    ["officers take their invitations", begin],
    ["the header of a telephone is one line, and its menu opens", shortHeader],
    ["the menu needs no mouse and no script", byKeyboardAndWithoutScript],
    ["two cases", twoCases],
    ["cases are chosen and taken by keys alone", byKeys],
    ["what was found is chosen, saved and marked", found],
    ["many at once need no script", withoutScript],
    ["no error in a console, no request to another host", nothingElse],
  ]);
  await browser.close();
  process.exit(status);
}

main().catch((e) => {
  console.log(`FAILED   browser: ${e.stack}\n0 passed, 1 failed`);
  process.exit(1);
});
