/* Passkeys in a real browser, with Chromium's virtual authenticator: from an invitation to a sign-in without a name. */
"use strict";
const fs = require("fs");
const { chromium, plan, PASSWORD, faults, totp, cli, open, check, run } = require("./lib.js");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
let browser, page, device;

async function authenticator(of, options = {}) {
  const cdp = await of.context().newCDPSession(of);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true, ...options }
  });
  return {
    verified: (yes) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: yes }),
    keys: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials
  };
}

function link() {
  return JSON.parse(cli("th", "user", "invite", "noi", "--as", "admin", "--json")).link;
}

async function accessible(of, what) {
  await of.evaluate(axe);
  const r = await of.evaluate(() => globalThis.axe.run());
  check(r.violations.length === 0, what + ": " + r.violations.map((v) => v.id + " " + v.nodes[0].html).join("; "));
}

async function press(of, label, to) {
  await Promise.all([of.waitForURL(to), of.getByRole("button", { name: label }).click()]);
}

async function welcome() {
  page = await open(browser, "th", { bypassCSP: true });
  device = await authenticator(page);
  await page.goto(link());
  await accessible(page, "welcome");
  await page.fill("[name=device]", "laptop at the desk");
  await press(page, "Make a passkey", "**/");
  const keys = await device.keys();
  check(keys.length === 1 && keys[0].isResidentCredential && keys[0].rpId === "localhost", "one discoverable key of this site");
}

async function signIn() {
  await press(page, "Sign out", "**/sign-in");
  await accessible(page, "sign-in");
  await press(page, "Sign in with a passkey", "**/");
  check((await page.locator(".me").textContent()).includes("noi"), "signed in without a name");
  await page.goto("/account");
  await accessible(page, "account");
  check((await page.locator("main").textContent()).includes("laptop at the desk"), "the account lists the key");
}

async function oneKeyADevice() {
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByText("has a passkey for you already").waitFor();
  check((await device.keys()).length === 1, "no second key for the same officer on one device");
}

async function unverified() {
  await press(page, "Sign out", "**/sign-in");
  await device.verified(false);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByText("No passkey was used").waitFor();
  await device.verified(true);
  await press(page, "Sign in with a passkey", "**/");
}

async function strangersDevice() {
  const other = await open(browser, "th");
  await authenticator(other);
  await other.goto("/sign-in");
  await other.getByRole("button", { name: "Sign in with a passkey" }).click();
  await other.getByText("No passkey was used").waitFor();
}

/* A device that knows no passkeys, or a browser without script: the password does. */
async function withoutScript() {
  const plain = await open(browser, "th", { javaScriptEnabled: false });
  await plain.goto(link());
  check(!(await plain.getByRole("button", { name: "Make a passkey" }).isVisible()), "no button that does nothing");
  const key = (await plain.locator("code").first().textContent()).replace(/\s/g, "");
  await plain.fill("[name=password]", PASSWORD);
  await plain.fill("[name=again]", PASSWORD);
  await plain.fill("[name=code]", totp(key));
  await Promise.all([plain.waitForURL("**/"), plain.press("[name=code]", "Enter")]);
}

async function main() {
  browser = await chromium.launch({ executablePath: plan.chromium, args: ["--no-sandbox"] });
  const status = await run([
    ["a passkey is made from an invitation", welcome],
    ["a passkey signs in without a name", signIn],
    ["a device keeps one passkey for an officer", oneKeyADevice],
    ["a device that does not check its holder signs nobody in", unverified],
    ["a device without a passkey signs nobody in", strangersDevice],
    ["without script the password and a one-time code do", withoutScript],
    ["no page said an error or asked elsewhere", async () => check(faults.length === 0, faults.join("\n"))]
  ]);
  await browser.close();
  process.exit(status);
}

main();
