#!/usr/bin/env python3
"""Runs the system tests: real nodes, real sockets, real kills.

Every function test_* of tests/system/test_*.py is one test. `run.py NAME...` runs those whose names contain a
NAME. Prints a line a test and "N passed, N failed, N skipped"; no test selected is a failure.
"""
import importlib
import inspect
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lib")]

import comity  # noqa: E402


def main():
    wanted = sys.argv[1:]
    passed = failed = skipped = 0
    for name in sorted(os.listdir(HERE)):
        if not name.startswith("test_") or not name.endswith(".py"):
            continue
        module = importlib.import_module(name[:-3])
        for test, f in inspect.getmembers(module, inspect.isfunction):
            if not test.startswith("test_") or (wanted and not any(w in f"{name}:{test}" for w in wanted)):
                continue
            begin = time.time()
            word, text = "ok", ""
            try:
                with comity.Folder() as base:
                    f(base)
                passed += 1
            except comity.Skip as e:
                word, text = "skipped", str(e)
                skipped += 1
            except Exception:
                word, text = "FAILED", traceback.format_exc()
                failed += 1
            finally:
                comity.stop_all()
            print(f"{word:8} {name[5:-3]}: {test[5:].replace('_', ' ')} ({time.time() - begin:.1f} s) {text}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
