# Astra. `make demo` and `make test` are all that a fresh machine needs.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_HOME ?= observatory
PORT ?= 5006
# `make bench BENCH_50M=1 BENCH_CYCLES=500` adds fifty million points and the long soak.
BENCH_50M ?=
BENCH_CYCLES ?= 60

.PHONY: help demo test serve lint bench install browser fonts lock clean

help:
	@echo "make demo    simulate a sky, precompute its map with the shipped encoder, serve it"
	@echo "make serve   serve the observatory that is there"
	@echo "make test    lint, then every test, the browser's included"
	@echo "make lint    format, lint, types, import contracts"
	@echo "make bench   measure the map's kernels, the filters, the encoder, and the page on the observatory that is there"

install: $(VENV)/.installed

# torch comes first and alone, so that no other package's range picks another build of it.
$(VENV)/.installed: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "$$(grep '^torch==' requirements.lock)"
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

# Inter and IBM Plex Mono (both OFL) are served where npm can fetch them; else the system's fonts.
FONTS := app/static/fonts
fonts: $(FONTS)/.fetched
$(FONTS)/.fetched:
	@mkdir -p $(FONTS)/.unpack
	@-cd $(FONTS)/.unpack && npm pack --silent @fontsource-variable/inter@5 @fontsource/ibm-plex-mono@5 >/dev/null 2>&1 \
		&& for pack in *.tgz; do tar xzf $$pack; cp package/files/inter-latin-wght-normal.woff2 package/files/inter-greek-wght-normal.woff2 \
			package/files/ibm-plex-mono-latin-400-normal.woff2 package/files/ibm-plex-mono-latin-500-normal.woff2 .. 2>/dev/null; rm -rf package; done
	@rm -rf $(FONTS)/.unpack && touch $@

browser:
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }

demo: install fonts
	$(BIN)/astra demo --home $(DEMO_HOME) --port $(PORT)

serve: install fonts
	$(BIN)/astra serve --home $(DEMO_HOME) --port $(PORT)

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

test: lint browser fonts
	$(BIN)/pytest

bench: install browser
	$(BIN)/python tests/bench/map.py --points 2100000 --repeats 9
	$(BIN)/python tests/bench/map.py --points 10000000 --repeats 5
	$(if $(BENCH_50M),$(BIN)/python tests/bench/map.py --points 50000000 --repeats 3)
	$(BIN)/python tests/bench/filters.py --objects 1000000 --repeats 9
	$(BIN)/python tests/bench/filters.py --objects 10000000 --repeats 5
	$(BIN)/python tests/bench/encoder.py
	$(BIN)/python tests/bench/page.py --home $(DEMO_HOME)
	$(BIN)/python tests/bench/inspection.py --home $(DEMO_HOME)
	$(BIN)/python tests/bench/sheets.py --home $(DEMO_HOME)
	$(BIN)/python tests/bench/crowd.py --home $(DEMO_HOME) --cycles $(BENCH_CYCLES)
	$(BIN)/python tests/bench/labels.py
	$(BIN)/python tests/bench/against_stock.py --cycles $(BENCH_CYCLES)

lock: install
	{ echo "# Exact versions that are known to install and work together on Python 3.11; written by \`make lock\`."; \
	  $(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//'; } > requirements.lock.new
	mv requirements.lock.new requirements.lock

clean:
	rm -rf $(VENV) artefacts .pytest_cache .ruff_cache
