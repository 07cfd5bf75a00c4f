# SPDX-License-Identifier: GPL-3.0-or-later
# The front door; Meson does the work.
BUILD ?= build
MESON ?= meson

.PHONY: help build run test bench fuzz lint install docs clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

$(BUILD)/build.ninja:
	@$(MESON) setup $(BUILD) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log

# Some folders are taken as a whole (meson.build says which): a new file there means a new setup.
build: $(BUILD)/build.ninja ## compile; the program is build/holdfast
	@find src checks rules tests -type f | LC_ALL=C sort >$(BUILD)/files.new
	@cmp -s $(BUILD)/files.new $(BUILD)/files || \
		{ [ ! -e $(BUILD)/files ] || $(MESON) setup --reconfigure $(BUILD) >/dev/null; }
	@mv $(BUILD)/files.new $(BUILD)/files
	@ninja --quiet -C $(BUILD)

run: build ## assess this machine
	@$(BUILD)/holdfast assess

test: build ## run every test
	@tools/run-tests $(BUILD)

bench: build ## run the benchmarks (they install their peers)
	@bench/run $(BUILD)

fuzz: ## fuzz every parser, SECONDS_EACH=60 seconds each
	@tools/fuzz $${SECONDS_EACH:-60}

lint: ## warnings of two compilers, sanitizers, analysers, shell and manual checks
	@tools/lint

docs: build ## write the generated references again
	@tools/docs $(BUILD)

install: build ## install below PREFIX (default /usr/local; DESTDIR is honoured)
	@$(MESON) configure $(BUILD) --prefix $${PREFIX:-/usr/local} >/dev/null
	@$(MESON) install -C $(BUILD) --quiet

clean: ## remove what was built
	@rm -rf $(BUILD) build-*
