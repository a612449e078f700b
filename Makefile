# Two commands do everything on a fresh Debian 12: make demo, make check.
PREFIX ?= /usr/local

.PHONY: build demo check fuzz bench install format lint words clean
build:
	@tools/need.sh build
	@[ -f build/build.ninja ] || meson setup build --prefix "$(PREFIX)" >build.log 2>&1 || { cat build.log; exit 1; }
	@rm -f build.log
	@ninja -C build --quiet && echo "built build/comity"

demo: build
	@tools/need.sh demo
	@tools/demo.sh

check:
	@tools/need.sh build demo check
	@python3 tools/check.py

# Inputs that nobody tried yet, for all targets in turn: make fuzz SECONDS_EACH=600
SECONDS_EACH ?= 60
fuzz:
	@tools/need.sh build check
	@SECONDS_EACH=$(SECONDS_EACH) SEED=0 python3 tools/check.py fuzz

bench: build
	@tools/need.sh build check bench
	@python3 tests/bench/run.py

install: build
	@meson install -C build

lint:
	@tools/need.sh build check
	@python3 tools/check.py lint words

words:
	@python3 tools/words.py

format:
	@python3 tools/lint/style.py --fix

clean:
	@rm -rf build build-*
