/* The header on a telephone: one line, in every language; its menu by mouse, by keyboard alone, and without script. */
"use strict";
const { chromium, plan, faults, open, welcome, check, run, axe, look, tabTo } = require("./lib.js");

let browser, admin;
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
  check(bad.length === 0, "\n  " + bad.join("\n  "));
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

async function nothingElse() {
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
    ["no error in a console, no request to another host", nothingElse],
  ]);
  await browser.close();
  process.exit(status);
}

main().catch((e) => {
  console.log(`FAILED   browser: ${e.stack}\n0 passed, 1 failed`);
  process.exit(1);
});
