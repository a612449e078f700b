/* What the browser tests share: tests with a name, officers with their authenticator, watched browsers. */
"use strict";
const { chromium } = require("playwright-core");
const { createHmac } = require("crypto");
const { execFileSync } = require("child_process");

const fs = require("fs");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const plan = JSON.parse(process.argv[2]);
const PASSWORD = "correct horse staple";
const faults = []; /* console errors and foreign requests, of every page there was */

function totp(base32, ahead = 0) {
  let bits = "";
  for (const c of base32) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + ahead));
  const h = createHmac("sha1", key).update(step).digest();
  const at = h[19] & 15;
  return String((h.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

function cli(node, ...args) {
  return execFileSync(plan.binary, [...args, "--home", plan.nodes[node].home], { encoding: "utf8" });
}

function watch(page, node) {
  const own = plan.nodes[node].url + "/";
  page.on("console", (m) => {
    if (m.type() === "error" || m.type() === "warning") faults.push(`${page.url()}: ${m.text()}`);
  });
  page.on("pageerror", (e) => faults.push(`${page.url()}: ${e.message}`));
  page.on("request", (r) => {
    if (!r.url().startsWith(own) && !r.url().startsWith("data:")) faults.push(`${page.url()} asked for ${r.url()}`);
  });
  return page;
}

/* A browser of its own at a node's desk. */
async function open(browser, node, options = {}) {
  const context = await browser.newContext({ baseURL: plan.nodes[node].url, viewport: { width: 1400, height: 900 }, ...options });
  context.setDefaultTimeout(20000);
  return watch(await context.newPage(), node);
}

/* Takes an invitation as an officer does; the page is signed in afterwards. Returns the key. */
async function welcome(page, node, officer) {
  const link = JSON.parse(cli(node, "user", "invite", officer, "--as", "admin", "--json")).link;
  await page.goto(link);
  const key = (await page.locator("code").first().textContent()).replace(/\s/g, "");
  await page.fill("[name=password]", PASSWORD);
  await page.fill("[name=again]", PASSWORD);
  await page.fill("[name=code]", totp(key));
  await Promise.all([page.waitForURL("**/"), page.press("[name=code]", "Enter")]);
  return key;
}

function check(holds, what) {
  if (!holds) throw new Error(what);
}

async function until(what, f, ms = 15000) {
  const end = Date.now() + ms;
  for (;;) {
    const v = await f();
    if (v) return v;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((go) => setTimeout(go, 100));
  }
}

/* What the page focuses by itself has the focus: that is later than "load", and keys before it go nowhere. */
async function focused(page, selector) {
  await page.locator(`${selector}:focus`).waitFor();
}

/* Goes forward with Tab until the element in focus fits; each one on the way must show that it has the focus. */
async function tabTo(page, what, test) {
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate((t) => {
      const e = document.activeElement, s = getComputedStyle(e);
      return { hit: e.matches(t), seen: e === document.body || s.outlineStyle !== "none" || s.boxShadow !== "none",
        html: e.outerHTML.slice(0, 80) };
    }, test);
    check(at.seen, `the focus cannot be seen on ${at.html}`);
    if (at.hit) return;
  }
  throw new Error(`Tab never comes to ${what}`);
}

/* axe-core and sideways scrolling, in both themes at three widths; into bad. Pictures go to plan.shots, when it is told. */
async function look(page, at, bad) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of [390, 820, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      const got = await page.evaluate(async (values) => ({
        violations: (await axe.run({ runOnly: { type: "tag", values }, resultTypes: ["violations"] })).violations.map((v) =>
          `${v.id} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 120)} ${(v.nodes[0].any[0] || {}).message || ""}`),
        cut: Array.from(document.querySelectorAll(".scroll:has(> .stack)")).filter((e) => e.scrollWidth > e.clientWidth).length,
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }), AXE_RULES);
      if (plan.shots) await page.screenshot({ fullPage: true, path: `${plan.shots}/${at.replace(/[^a-z0-9]+/gi, "-")}-${colorScheme}-${width}.png` });
      for (const v of got.violations) bad.push(`${at} ${colorScheme} ${width}: ${v}`);
      if (got.cut > 0) bad.push(`${at} ${colorScheme} ${width}: a table that stacks scrolls sideways`);
      if (got.wide > 0) bad.push(`${at} ${colorScheme} ${width}: scrolls sideways by ${got.wide} px`);
    }
  }
}

/* Opens a details that may be open already. */
async function unfold(at) {
  if (!(await at.evaluate((e) => e.open))) await at.locator("summary").first().click();
}

/* The fields of a form, as they stand in plan.fields. */
async function fill(page, fields) {
  for (const fold of await page.locator("#ask details").all()) await unfold(fold);
  for (const [name, value] of Object.entries(fields)) {
    const at = page.locator(`[name="${name}"]`);
    const type = await at.first().getAttribute("type");
    if (type === "datetime-local") { await at.fill(String(value).slice(0, 19)); continue; } /* zone is filled as well */
    for (const one of [].concat(value)) {
      if (type === "radio" || type === "checkbox") await page.locator(`[name="${name}"][value="${one}"]`).check();
      else if ((await at.evaluate((e) => e.tagName)) === "SELECT") await at.selectOption(String(one));
      else await at.fill(String(one));
    }
  }
}

/* Runs tests one after another; a failed one does not stop the rest. */
async function run(tests) {
  let passed = 0, failed = 0;
  for (const [name, f] of tests) {
    const at = Date.now();
    let why = "";
    try {
      why = (await f()) || "";
      passed++;
      console.log(`ok       browser: ${name} (${((Date.now() - at) / 1000).toFixed(1)} s) ${why}`);
    } catch (e) {
      failed++;
      console.log(`FAILED   browser: ${name} (${((Date.now() - at) / 1000).toFixed(1)} s) ${e.stack}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

module.exports = { chromium, plan, PASSWORD, faults, totp, cli, watch, open, welcome, check, until, run, axe, look, focused, tabTo, unfold, fill };
