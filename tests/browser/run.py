#!/usr/bin/env python3
"""Runs the browser tests: Debian's Chromium, driven by playwright-core, on two real nodes.

Installs playwright-core and axe-core from npm by name and version into build/browser, once. Prints a line a test
and "N passed, N failed"; what cannot run is a failure that says what is missing.
"""
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), part) for part in ("lib", "bench")]

import comity  # noqa: E402
import desk  # noqa: E402
import desk_fill  # noqa: E402

PACKAGES = {"playwright-core": "1.65.1", "axe-core": "4.14.1"}
NODE_NEEDED, NODE_OF_NPM = 20, "20.8.0"  # Debian 12 has 18, which this playwright refuses
FOLDER = os.path.join(comity.SOURCE, "build", "browser")


def give_up(why):
    print(f"FAILED   browser: {why}")
    print("0 passed, 1 failed")
    sys.exit(1)


def installed(name, version):
    try:
        with open(os.path.join(FOLDER, "node_modules", name, "package.json"), encoding="utf-8") as f:
            return json.load(f)["version"] == version
    except (OSError, ValueError):
        return False


def node_of_npm(node):
    """The package of npm that is Node itself, when the machine's is too old; and the program to run."""
    major = int(subprocess.check_output([node, "--version"], text=True).lstrip("v").split(".")[0])
    if major >= NODE_NEEDED:
        return {}, node
    name = "node-linux-" + {"x86_64": "x64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    return {name: NODE_OF_NPM}, os.path.join(FOLDER, "node_modules", name, "bin", "node")


def install(packages):
    missing = [f"{n}@{v}" for n, v in packages.items() if not installed(n, v)]
    if not missing:
        return
    print(f"installs from npm into build/browser: {' '.join(missing)}", flush=True)
    os.makedirs(FOLDER, exist_ok=True)
    p = subprocess.run(["npm", "install", "--prefix", FOLDER, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts",
                        *(f"{n}@{v}" for n, v in packages.items())], capture_output=True, text=True, timeout=300)
    if p.returncode != 0:
        give_up(f"npm could not install {' '.join(missing)}; it needs the npm registry once, then never again. "
                f"npm says: {p.stderr.strip()[-400:]}")


def drive(node, name, plan):
    """One file of tests: what passed and failed. Its own last line is the count; what ends without one failed."""
    p = subprocess.Popen([node, os.path.join(HERE, name + ".js"), json.dumps(plan)], stdout=subprocess.PIPE, text=True,
                         env={**os.environ, "NODE_PATH": os.path.join(FOLDER, "node_modules")})
    last = ""
    for line in p.stdout:
        if last:
            print(last, flush=True)
        last = line.rstrip()
    m = re.fullmatch(r"(\d+) passed, (\d+) failed", last)
    if m is None:
        print(f"{last}\nFAILED   browser: {name}.js ended without a count (exit {p.wait()})")
        return 0, 1
    return int(m.group(1)), int(m.group(2)) or int(p.wait() != 0)


def many_records(th, us):
    """What a search of search.js has to go through."""
    r = us.api("request.new", to="th.contact", ours="S-1", measure="preserve", urgency="urgent", fields=comity.fields_of())
    us.api("request.send", id=r["id"])
    comity.wait_for("delivery", lambda: th.api("request.list", incoming=True)["requests"])
    th.stop()
    desk_fill.fill_records(th.home, 40_000)
    th.start()
    comity.wait_for("the desk", lambda: desk.listens(th.desk))


def on_new_nodes(tools, name):
    """Each file of tests has two nodes of its own: what another left in an inbox is no part of it."""
    with comity.Folder() as base:
        try:
            th = desk.desk_node(base, "th.contact", name="Cyber Crime Unit", conf={"four_eyes": "*", "timezone": "Asia/Bangkok"})
            us = desk.desk_node(base, "us.contact", name="Federal Desk")
            comity.introduce(th, us)
            for node, officer, role in ((th, "somchai", "duty"), (th, "malee", "approver"), (us, "jordan", "duty"),
                                     (th, "noi", "duty"), (th, "cora", "custodian"), (th, "ann", "auditor")):
                node.officer(officer, role)
            if name == "search":
                many_records(th, us)
            plan = {"chromium": tools["chromium"], "binary": comity.BINARY, "base": base,
                    "fields": desk.form_fields(), "shots": os.environ.get("DESK_SHOTS"),
                    "form": os.path.join(comity.SOURCE, "tests", "lib", "preserve.json"),
                    "pages": sorted({r.path for r in desk.routes() if r.method == "GET" and "asset" not in r.path}),
                    "nodes": {n.address[:2]: {"home": n.home, "url": f"http://localhost:{n.desk}"} for n in (th, us)}}
            return drive(tools["node"], name, plan)
        finally:
            comity.stop_all()


def main():
    tools = {t: shutil.which(t) for t in ("chromium", "node", "npm")}
    absent = [t for t, path in tools.items() if path is None]
    if absent:
        give_up(f"{' and '.join(absent)} missing: tools/need.sh check")
    more, tools["node"] = node_of_npm(tools["node"])
    install({**PACKAGES, **more})
    wanted = sys.argv[1:] or ["story", "inbox", "custody", "lists", "passkey", "attach", "search"]
    passed, failed = (sum(n) for n in zip(*(on_new_nodes(tools, name) for name in wanted)))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
