#!/usr/bin/env python3
"""make check: every gate and every test, in order. Ends with "N passed, N failed".

usage: tools/check.py [STEP...]      steps: lint words unit clang asan tsan system browser fuzz (default: all)

A gate counts as one; a test program counts each of its tests. A step that selected nothing fails.
"""
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The check goes the same way every time, so that it fails for what changed. make fuzz looks for what is new.
FUZZ_SECONDS = int(os.environ.get("SECONDS_EACH", "3"))
FUZZ_SEED = os.environ.get("SEED", "20031126")
# Most of what runs there is a library on random bytes, in the product held by the examiner's sandbox and its limits
# of time and memory: a check replays what was found once, and does not draw lots.
OF_LIBRARIES = ["fuzz_e01", "fuzz_ext4", "fuzz_ntfs", "fuzz_rules"]
QUIET_SAN = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}
# Tests whose subject has threads; the rest has one and would only cost time.
THREADED = ["base", "store", "ledger", "vault", "exchange", "alarm", "network", "keeper", "outbox", "intake", "pull", "attach",
            "child", "coding"]


PROGRAMS = ["comity", "comity-examiner", "comity-printer"]


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.names = []
        self.lock = threading.Lock()

    def ok(self, n=1):
        with self.lock:
            self.passed += n

    def bad(self, name, n=1):
        with self.lock:
            self.failed += n
            self.names.append(name)


COUNT = Count()


def say(text):
    print(text, flush=True)


def run(args, env=None, cwd=ROOT, timeout=1500):
    try:
        p = subprocess.run(args, cwd=cwd, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=timeout)
        return p.returncode, p.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as e:
        return 124, (e.stdout or b"").decode(errors="replace") + f"\nstopped after {timeout} s"


def gate(name, args, env=None, show_last=False):
    """One command that must succeed; its output is shown when it does not."""
    begin = time.time()
    rc, out = run(args, env)
    took = time.time() - begin
    if rc == 0:
        COUNT.ok()
        last = [x for x in out.strip().splitlines() if x][-1:] if show_last else []
        say(f"  ok      {name} ({took:.1f} s) {' '.join(last)}")
        return True
    COUNT.bad(name)
    say(f"  FAILED  {name} ({took:.1f} s), exit {rc}\n{out[-6000:]}")
    return False


def configure(folder, options, env=None):
    path = os.path.join(ROOT, folder)
    if os.path.exists(os.path.join(path, "build.ninja")):
        return True
    shutil.rmtree(path, ignore_errors=True)
    rc, out = run(["meson", "setup", folder, *options], env)
    if rc != 0:
        say(out[-4000:])
    return rc == 0


def build(name, folder, options, env=None, targets=()):
    if not configure(folder, options, env):
        COUNT.bad(f"{name}: meson setup")
        return False
    return gate(f"{name}: builds without a warning", ["ninja", "-C", folder, *targets])


def count_test(suite, t):
    """A line of meson's testlog.json: how many tests it holds, and which failed."""
    text = t.get("stdout", "") + t.get("stderr", "")
    good = len(re.findall(r"^\[       OK \]", text, re.M))
    bad = sorted(set(re.findall(r"^\[  FAILED  \] (\S+)$", text, re.M)))
    bad = [b for b in bad if not b[0].isdigit()]
    skipped = len(set(re.findall(r"^\[  SKIPPED \] (\S+)$", text, re.M)) - {"0"})
    name = f"{suite}: {t['name']}"
    COUNT.skipped += skipped
    if t["result"] == "OK":
        COUNT.ok(max(good, 1))
        return good or 1, None
    COUNT.ok(good)
    for b in bad or [t["result"]]:
        COUNT.bad(f"{name}: {b}")
    return good, f"  FAILED  {name} ({t['result']})\n{text[-5000:]}"


def meson_tests(suite, folder, args=(), env=None):
    begin = time.time()
    log = os.path.join(ROOT, folder, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    rc, out = run(["meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs", *args], env)
    tests = []
    if os.path.exists(log):
        with open(log, encoding="utf-8") as f:
            tests = [json.loads(line) for line in f if line.strip()]
    if not tests:
        COUNT.bad(f"{suite}: no test ran")
        say(f"  FAILED  {suite}: no test ran (exit {rc})\n{out[-3000:]}")
        return
    total, before = 0, COUNT.failed
    for t in tests:
        n, words = count_test(suite, t)
        total += n
        if words:
            say(words)
    word = "ok     " if COUNT.failed == before else "FAILED "
    say(f"  {word} {suite}: {total} tests of {len(tests)} programs passed ({time.time() - begin:.1f} s)")


def step_lint():
    for name in ("floors", "style", "begun", "banned", "complexity"):
        gate(name, [sys.executable, os.path.join("tools", "lint", name + ".py")], show_last=True)


def step_words():
    gate("catalogues", [sys.executable, os.path.join("tools", "words.py"), "check"], show_last=True)


def step_unit():
    if not build("gcc", "build", []):
        return
    meson_tests("tests", "build")
    if os.path.exists(os.path.join(ROOT, "build", "comity.1")):
        gate("man page", ["mandoc", "-T", "lint", "-W", "warning", "build/comity.1"])


def step_clang():
    build("clang", "build-clang", [], {"CC": "clang"})


def step_asan():
    if build("address and undefined", "build-asan", ["-Db_sanitize=address,undefined", "-Db_lundef=false"]):
        meson_tests("tests under address and undefined", "build-asan", ["--timeout-multiplier", "4"], QUIET_SAN)


def threaded(folder):
    rc, out = run(["meson", "introspect", "--tests", folder])
    names = [t["name"] for t in json.loads(out)] if rc == 0 else []
    return [n for n in names if any(n == w or n.startswith(w + "_") for w in THREADED)]


def step_tsan():
    if not build("thread", "build-tsan", ["-Db_sanitize=thread", "-Db_lundef=false"]):
        return
    names = threaded("build-tsan")
    if not names:
        COUNT.bad("thread: no test selected")
        return
    meson_tests("tests under thread", "build-tsan", ["--timeout-multiplier", "6", *names], QUIET_SAN)


def runner(name, script, binary):
    """A program that prints a line a test and "N passed, N failed" at the end."""
    p = subprocess.Popen([sys.executable, os.path.join(ROOT, "tests", name, script)], cwd=ROOT,
                         env={**os.environ, "COMITY_BINARY": os.path.join(ROOT, binary)}, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
    last = ""
    for line in p.stdout:
        last = line.strip() or last
        say("  " + line.rstrip())
    rc = p.wait()
    m = re.fullmatch(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?", last)
    if m is None:
        COUNT.bad(f"{name}: no result (exit {rc})")
        return
    COUNT.ok(int(m.group(1)))
    COUNT.skipped += int(m.group(3) or 0)
    if int(m.group(2)) or rc or int(m.group(1)) == 0:
        COUNT.bad(f"{name} tests", max(int(m.group(2)), 1))


def step_system():
    if build("fault points", "build-faults", ["-Dfaults=true"], targets=PROGRAMS):
        runner("system", "run.py", "build-faults/comity")


def step_browser():
    if build("gcc", "build", [], targets=PROGRAMS):
        runner("browser", "run.py", "build/comity")


def fuzz_one(name):
    corpus = os.path.join(ROOT, "tests", "fuzz", "corpus", name[5:])
    with tempfile.TemporaryDirectory() as grown:
        replays = name in OF_LIBRARIES and FUZZ_SEED != "0"
        gate(f"{name} over its corpus" if replays else f"{name} for {FUZZ_SECONDS} s",
             [os.path.join("build-fuzz", "tests", name), f"-max_total_time={FUZZ_SECONDS}", "-timeout=60",
              f"-seed={FUZZ_SEED}", *(["-runs=0"] if replays else []),
              "-rss_limit_mb=2048", f"-artifact_prefix={ROOT}/build-fuzz/", grown, corpus], QUIET_SAN)


def step_fuzz():
    options = ["-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false",
               "-Dc_args=-fsanitize=fuzzer-no-link"]
    if not configure("build-fuzz", options, {"CC": "clang"}):
        COUNT.bad("fuzz: meson setup")
        return
    rc, out = run(["meson", "introspect", "--targets", "build-fuzz"])
    names = sorted(t["name"] for t in json.loads(out) if t["name"].startswith("fuzz_")) if rc == 0 else []
    if not names:
        COUNT.bad("fuzz: no target selected")
        return
    if not gate("fuzz: builds", ["ninja", "-C", "build-fuzz", *["tests/" + n for n in names]]):
        return
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as many:
        list(many.map(fuzz_one, names))


STEPS = {"lint": step_lint, "words": step_words, "unit": step_unit, "clang": step_clang, "asan": step_asan, "tsan": step_tsan,
         "system": step_system, "browser": step_browser, "fuzz": step_fuzz}
TITLES = {"lint": "the house rules", "words": "messages and translations", "unit": "gcc, unit and component tests, corpus", "clang": "clang",
          "asan": "AddressSanitizer and UndefinedBehaviorSanitizer", "tsan": "ThreadSanitizer",
          "system": "real nodes", "browser": "two desks in Chromium", "fuzz": "fuzzing, a few seconds each"}


def main():
    wanted = sys.argv[1:] or list(STEPS)
    unknown = [w for w in wanted if w not in STEPS]
    if unknown:
        sys.exit(f"no step {unknown[0]}: {' '.join(STEPS)}")
    begin = time.time()
    for i, name in enumerate(wanted, 1):
        at = time.time()
        say(f"[{i}/{len(wanted)}] {TITLES[name]}")
        STEPS[name]()
        say(f"      {time.time() - at:.0f} s")
    say(f"{time.time() - begin:.0f} s in all" + (f", {COUNT.skipped} tests skipped" if COUNT.skipped else ""))
    for name in COUNT.names:
        say(f"failed: {name}")
    if COUNT.passed + COUNT.failed == 0:
        COUNT.bad("nothing ran")
    say(f"{COUNT.passed} passed, {COUNT.failed} failed")
    sys.exit(1 if COUNT.failed else 0)


if __name__ == "__main__":
    main()
