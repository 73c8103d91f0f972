# `make` alone says what there is. Needs rustc, cargo and Python 3.10 or newer; everything else
# is installed into .venv here. Set CARGO_TARGET_DIR to build Rust elsewhere.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
unexport CONDA_PREFIX PYTHONPATH

PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
OUT := out

export VIRTUAL_ENV := $(VENV)
export PIP_CONSTRAINT := $(CURDIR)/requirements/tested.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# What the compiled module is made of. The Python files are used where they stand.
ENGINE := python/wholefamily/_core.abi3.so
SOURCES := $(shell find src -name '*.rs') Cargo.toml Cargo.lock pyproject.toml requirements/tested.txt
BUILD := $(BIN)/maturin develop --release --locked
EXAMPLES := family_support_hubs pre_birth ssda903 ssda903_stability

##@ Use
.PHONY: help evaluate notebooks docs accuracy
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "%s%s\n", (n++ ? "\n" : ""), substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

evaluate: $(STAMPS)/engine ## Run the examples and say where their pages are
	@for example in $(EXAMPLES); do \
	  $(BIN)/wholefamily evaluate examples/$$example/evaluation.toml --out $(OUT)/$$example >/dev/null; \
	done
	@echo
	@echo "Open these pages in a browser:"
	@for example in $(EXAMPLES); do echo "  $(CURDIR)/$(OUT)/$$example/index.html"; done

notebooks: $(STAMPS)/tools ## Run notebooks/*.py and write each as .ipynb beside it
	$(BIN)/python scripts/notebooks.py notebooks

docs: $(STAMPS)/tools ## Rewrite docs/measures and docs/images, and build the crate's documentation
	$(BIN)/python scripts/measure_pages.py docs/measures
	$(BIN)/python scripts/coverage_plot.py docs/images
	$(BIN)/python scripts/pathways_plot.py docs/images
	cargo doc --locked --no-deps --quiet
	@echo "Read docs/index.md and $${CARGO_TARGET_DIR:-target}/doc/wholefamily/index.html"

accuracy: $(STAMPS)/venv ## Replay the reference cases and rewrite the tables of docs/accuracy.md
	$(BIN)/python scripts/accuracy.py docs/accuracy.md

##@ Work on it
.PHONY: engine test test-rust test-polars test-python check bench wheel clean
engine: $(STAMPS)/tools ## Compile the Python module and install all tools into .venv

test: test-rust test-polars test-python ## Set everything up and run every test
	@echo "All tests passed."

test-rust: ## The crate's tests; no Python needed
	cargo test --locked

test-polars: ## The tests of the crate's `polars` feature
	cargo test --locked --features polars --test polars

test-python: $(STAMPS)/tools ## The Python tests, examples in docstrings, notebooks
	$(BIN)/python -m pytest

check: $(STAMPS)/check ## What has to hold before a change goes in: layout, lints, types, tests
	cargo fmt --check
	cargo clippy --locked --all-targets --quiet -- -D warnings
	cargo clippy --locked --lib --features python --quiet -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(MAKE) test

bench: $(STAMPS)/tools ## Time the engine against its peers (some minutes, 8 GB); BENCH=… for its arguments
	cargo bench --locked --bench tally
	$(BIN)/python benches/stats.py --out $(OUT)/bench
	$(BIN)/python benches/run.py --out $(OUT)/bench $(BENCH)

wheel: $(STAMPS)/tools ## Build the release wheel into dist, and hold it under 8 MiB
	$(BIN)/maturin build --release --locked --out dist
	@for wheel in dist/*.whl; do \
	  size=$$(wc -c <"$$wheel"); echo "$$wheel: $$size bytes"; test "$$size" -lt 8388608; \
	done

clean: ## Remove what was built here (.venv, target, out, dist, caches)
	rm -rf .venv target out dist notebooks/*.ipynb $(ENGINE)
	rm -rf .pytest_cache .hypothesis .ruff_cache .mypy_cache

# ── Setting up. Each stamp marks a finished step, so that a second run is quick. ──

$(STAMPS)/venv:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "No $(PYTHON) here. Install Python 3.10 or newer, or name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "wholefamily needs Python 3.10 or newer; $(PYTHON) is $$($(PYTHON) -V). Name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@command -v cargo >/dev/null || { echo "No cargo here. Install Rust 1.89 or newer." >&2; exit 1; }
	@env -u VIRTUAL_ENV $(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) cannot make an environment with pip in it. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/maturin: $(STAMPS)/venv requirements/tested.txt
	$(BIN)/python -m pip install --quiet maturin
	@touch $@

# To run: the module, its dependencies and the charts.
$(STAMPS)/engine: $(STAMPS)/maturin $(SOURCES) $(ENGINE)
	$(BUILD) --extras plot
	@touch $@

# To work on it: the same and all that the tests use.
$(STAMPS)/tools: $(STAMPS)/maturin $(SOURCES) $(ENGINE)
	$(BUILD) --extras plot,pandas,notebook,dev
	@touch $(STAMPS)/engine $@

$(STAMPS)/check: $(STAMPS)/maturin $(SOURCES) $(ENGINE)
	$(BUILD) --extras plot,pandas,notebook,dev,check
	@touch $(STAMPS)/engine $(STAMPS)/tools $@

# No recipe: a module that is not there makes the stamps above out of date.
$(ENGINE): ;
