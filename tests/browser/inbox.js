/* The inbox: filter, choose and acknowledge by the keyboard alone; what arrives is counted in the title, rings for who
 * asked for it, and takes nothing away from what was chosen; the same without a script; axe-core on each of its states. */
"use strict";
const { chromium, plan, faults, cli, open, welcome, check, until, run, axe, look, focused, tabTo } = require("./lib.js");

let browser, noi;
const sent = [];

/* A partner asks; the request's id. */
function ask(urgency, number) {
  const id = JSON.parse(cli("us", "request", "new", "--to", "th.contact", "--measure", "preserve", "--urgency", urgency, "--ours", number,
    "--fields", plan.form, "--as", "admin", "--json")).id;
  cli("us", "request", "send", id, "--as", "admin");
  sent.push(id);
  return id;
}

const row = (page, id) => page.locator(`.row:has(a.go[href="/request/${id}"])`);
const focusIn = (page, id) => page.evaluate((i) => document.activeElement.closest(".row")?.querySelector("a.go")
  ?.getAttribute("href") === `/request/${i}`, id);

async function arrives() {
  noi = await open(browser, "th");
  await welcome(noi, "th", "noi");
  check(/^inbox/.test(await noi.title()), "nothing is new: " + await noi.title());
  ask("urgent", "I-1");
  await row(noi, sent[0]).waitFor();
  check(/^\(1\) /.test(await noi.title()), "the title counts: " + await noi.title());
  check((await noi.evaluate(() => document.documentElement.dataset.rang)) === undefined, "it is silent until somebody wants it");
  ask("emergency", "I-2");
  ask("routine", "I-3");
  await row(noi, sent[2]).waitFor();
  await until("three", async () => /^\(3\) /.test(await noi.title()));
  const order = await noi.locator(".row a.go").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  check(order.join() === [sent[1], sent[0], sent[2]].map((i) => "/request/" + i).join(), "the most pressing first: " + order);
  return await noi.title();
}

async function byKeys() {
  await noi.goto("/");
  await noi.keyboard.press("?");
  check(await noi.locator("#keys").isVisible(), "? shows the keys");
  await noi.keyboard.press("Escape");
  check(!(await noi.locator("#keys").isVisible()), "Escape closes them");
  await noi.keyboard.press("f");
  check(await noi.evaluate(() => document.activeElement.id === "f-show"), "f goes to the filter");
  await noi.keyboard.type("asked of");
  await tabTo(noi, "the button", ".sieve button.main");
  await Promise.all([noi.waitForURL(/show=incoming/), noi.keyboard.press("Enter")]);
  check((await noi.locator(".chip").count()) === 1, "the filter is a chip");
  await noi.keyboard.press("/");
  check(await noi.evaluate(() => document.activeElement.id === "words"), "/ goes to the words");
  await noi.keyboard.press("Escape");
  check(!(await noi.locator("#bulk").isVisible()), "nothing is chosen");
  for (let i = 0; i < 20 && !(await focusIn(noi, sent[0])); i++) await noi.keyboard.press("j");
  await noi.keyboard.press("x");
  await noi.keyboard.press("j");
  await noi.keyboard.press("x");
  check((await noi.locator("#chosen").textContent()) === "2" && await noi.locator("#bulk").isVisible(), "two are chosen");
  await noi.keyboard.press("k");
  check(await focusIn(noi, sent[0]), "k goes back");
  await noi.keyboard.press("a");
  check(await noi.evaluate(() => document.activeElement.value === "acknowledge"), "a goes to what can be done");
  await Promise.all([noi.waitForURL("**/inbox/each"), noi.keyboard.press("Enter")]);
  check((await noi.locator(".row .state.done").count()) === 2, "both are acknowledged");
  await focused(noi, "a.back");
  await Promise.all([noi.waitForURL(/\/\?show=incoming$/), noi.keyboard.press("Enter")]);
  check((await row(noi, sent[0]).locator(".state").textContent()).includes("acknowledged"), "the inbox shows it, under the same filter");
  check(/^\(1\) /.test(await noi.title()), "what was acknowledged is read: " + await noi.title());
  for (let i = 0; i < 20 && !(await focusIn(noi, sent[1])); i++) await noi.keyboard.press("j");
  await Promise.all([noi.waitForURL("**/request/" + sent[1]), noi.keyboard.press("Enter")]);
  await noi.keyboard.press("g");
  await noi.waitForURL("**/");
  check(/^inbox/.test(await noi.title()), "what was opened is read");
}

async function soundAndChoice() {
  await noi.goto("/");
  await Promise.all([noi.waitForNavigation(), noi.click(".sound button")]);
  check(await noi.locator("#rings").isVisible(), "sound is on, and remembered");
  await row(noi, sent[2]).locator("input").check();
  await row(noi, sent[2]).focus();
  await noi.emulateMedia({ reducedMotion: "reduce" });
  const id = ask("urgent", "I-4");
  await row(noi, id).waitFor();
  check(await row(noi, sent[2]).locator("input").isChecked() && await focusIn(noi, sent[2]), "choice and focus outlive what arrives");
  check((await row(noi, id).evaluate((e) => getComputedStyle(e).animationName)) === "none", "nothing moves for who wants no motion");
  await until("the sound", () => noi.evaluate(() => document.documentElement.dataset.rang === "1"));
  check((await noi.locator("#said").textContent()).includes("1"), "it is said to who cannot see it");
  await noi.emulateMedia({ reducedMotion: null });
  await Promise.all([noi.waitForNavigation(), noi.click(".sound button")]);
  check((await noi.locator("#rings").count()) === 0, "sound is off again");
}

async function keptFilters() {
  await noi.goto("/?show=incoming&urgency=urgent");
  await noi.locator(".sieve > summary").click();
  await noi.fill("#view", "Night");
  await Promise.all([noi.waitForNavigation(), noi.press("#view", "Enter")]);
  check((await noi.locator(".filter a[aria-current]").textContent()) === "Night", "it stands beside the inbox");
  await noi.click(".filter a[href='/']");
  await Promise.all([noi.waitForURL(/urgency=urgent/), noi.click(".filter a:has-text('Night')")]);
  check((await noi.locator(".row[class*=urgent]").count()) === 2, "and filters");
}

async function withoutScript() {
  const id = ask("urgent", "I-5");
  const page = await open(browser, "th", { javaScriptEnabled: false, storageState: await noi.context().storageState() });
  await until("it came", async () => {
    await page.goto("/");
    return (await row(page, id).count()) > 0;
  });
  await page.locator(".sieve > summary").click();
  await page.selectOption("#f-urgency", "urgent");
  await Promise.all([page.waitForURL(/urgency=urgent/), page.click(".sieve button.main")]);
  check((await row(page, sent[1]).count()) === 0 && (await row(page, id).count()) === 1, "the filter works");
  await row(page, id).locator("input").check();
  await page.click("#bulk button[value=acknowledge]");
  check((await page.locator(".row .state.done").count()) === 1, "acknowledged");
  await page.click("a.back");
  check(page.url().endsWith("/?urgency=urgent"), "back under the filter");
  await page.locator(".chip").click();
  check(page.url().endsWith("/?") && (await row(page, sent[1]).count()) === 1, "a chip is taken away");
  await page.context().close();
}

async function phone() {
  const id = ask("emergency", "I-6");
  const page = await open(browser, "th", { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true,
    storageState: await noi.context().storageState() });
  await page.goto("/");
  await row(page, id).waitFor();
  await row(page, id).locator("input").tap();
  const box = await row(page, id).locator("input").boundingBox();
  check(box.width >= 24 && box.height >= 24, "a finger meets it");
  await page.locator("#bulk button[value=acknowledge]").tap();
  await page.waitForURL("**/inbox/each");
  check((await page.locator(".row .state.done").count()) === 1, "acknowledged on the phone");
  await page.context().close();
}

async function everyState() {
  const bad = [];
  const see = async (what, at, f) => {
    await noi.goto(at);
    if (f) await f();
    await noi.evaluate(axe);
    await look(noi, what, bad);
  };
  ask("urgent", "I-7");
  await until("it came", async () => {
    await noi.goto("/");
    return (await row(noi, sent[sent.length - 1]).count()) > 0;
  });
  await see("inbox", "/");
  await see("inbox filtered", "/?show=incoming&urgency=urgent&partner=us.contact&officer=nobody&within=72", () =>
    noi.locator(".sieve > summary").click());
  await see("inbox nothing", "/?partner=fr.contact&words=nothing");
  await see("inbox chosen", "/", async () => {
    await noi.keyboard.press("X");
    await noi.locator(".bulk summary").click();
  });
  await see("inbox keys", "/", () => noi.keyboard.press("?"));
  await see("inbox done", "/", async () => {
    await noi.keyboard.press("X");
    await noi.click("#bulk button[value=acknowledge]");
    await noi.waitForURL("**/inbox/each");
  });
  await see("cases filtered", "/cases?partner=us.contact&exercise=no");
  await see("search found", "/search?words=example");
  check(bad.length === 0, "\n  " + bad.join("\n  "));
}

async function nothingElse() {
  check(faults.length === 0, "\n  " + faults.join("\n  "));
}

async function main() {
  browser = await chromium.launch({ executablePath: plan.chromium, args: ["--no-sandbox", "--autoplay-policy=user-gesture-required"] });
  const status = await run([
    ["what arrives is shown, in order, and counted in the title", arrives],
    ["filter, choose and acknowledge by the keyboard alone", byKeys],
    ["it rings for who asked, and takes no choice away", soundAndChoice],
    ["a filter is kept by name", keptFilters],
    ["filter and acknowledge without a script", withoutScript],
    ["a phone is enough to acknowledge", phone],
    ["axe-core has nothing to say about any state of the inbox", everyState],
    ["no error in a console, no request to another host", nothingElse],
  ]);
  await browser.close();
  process.exit(status);
}

main().catch((e) => {
  console.log(`FAILED   browser: ${e.stack}\n0 passed, 1 failed`);
  process.exit(1);
});
