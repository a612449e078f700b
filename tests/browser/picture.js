/* docs/desk.png, the picture of the README: the inbox of a desk with real requests of a partner.
 * Not a test: python3 tests/browser/run.py picture makes it anew. */
"use strict";
const path = require("path");
const { chromium, plan, cli, open, welcome, until, run } = require("./lib.js");

const FIELDS = path.join(__dirname, "..", "lib", "preserve.json");
const FILE = path.join(__dirname, "..", "..", "docs", "desk.png");
const asked = [["emergency", "FD-2026-411"], ["urgent", "FD-2026-398"], ["urgent", "FD-2026-377", "acknowledged"],
  ["routine", "FD-2026-350", "acknowledged", "need-decision"]];

function request(node, to, urgency, ours) {
  return JSON.parse(cli(node, "request", "new", "--to", to, "--measure", "preserve", "--urgency", urgency, "--ours", ours,
    "--fields", FIELDS, "--as", "admin", "--json")).id;
}

async function picture() {
  const browser = await chromium.launch({ executablePath: plan.chromium, args: ["--no-sandbox"] });
  const page = await open(browser, "th", { viewport: { width: 1100, height: 860 } });
  await welcome(page, "th", "somchai");
  for (const [urgency, ours, ...states] of asked) {
    const id = request("us", "th.contact", urgency, ours);
    cli("us", "request", "send", id, "--as", "admin");
    await until("it arrives", async () => (await page.goto("/request/" + id)).status() === 200);
    for (const state of states) cli("th", "request", "answer", id, state, "--as", "admin", "--reason", "A court decides on Monday.");
  }
  request("th", "us.contact", "urgent", "CCU-2026-0117");
  await page.goto("/");
  await page.mouse.move(0, 0);
  await page.screenshot({ path: FILE });
  await browser.close();
}

run([["docs/desk.png is made", picture]]).then((status) => process.exit(status));
