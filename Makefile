# Everything a newcomer needs: `make run` and `make test`. Nothing here wants root; the second time is quick.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PROFILE ?= short
PORT ?= 8000
WORKERS ?= 2
ASSETS := api/static/built/.vite/manifest.json
ASSET_SOURCES := $(shell find api/assets engine/feel -type f -not -path '*/node_modules/*' 2>/dev/null)
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
# A proxy that looks into TLS is trusted by the system, and then by Node as well.
export NODE_USE_SYSTEM_CA ?= 1

.PHONY: help install run test bench lint format assets lock clean

help:
	@echo 'make run      set everything up and serve the demo region on http://127.0.0.1:$(PORT)'
	@echo 'make test     set everything up and run every test (PROFILE=long: long profiles)'
	@echo 'make bench    measure, and compare with the budgets (ratios in one run)'
	@echo 'make lint     ruff, mypy, import-linter      make format   let ruff format'
	@echo 'make install  only set up                    make assets   only build pages and FEEL'
	@echo 'make lock     renew the hashed locks         make clean    remove what was made (not var/)'

install: $(VENV)/.installed $(ASSETS)

run: install
	@$(BIN)/steun demo --host 127.0.0.1 --port $(PORT)

test: install
	@STEUN_TEST_PROFILE=$(PROFILE) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

bench: install
	@$(BIN)/python -m tests.bench

lint: $(VENV)/.installed
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: $(VENV)/.installed
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

$(VENV)/bin/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed. Install it, or say which: make PYTHON=/path/to/python3.12'; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null \
	  || { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --version >/dev/null 2>&1; } \
	  || { rm -rf $(VENV); echo 'This Python can make no virtual environment with pip. Install python3-venv (or python3-pip), or use another: make PYTHON=…'; exit 1; }

# pip inside the environment, or the machine's pip pointed at it where the environment has none.
$(VENV)/.installed: requirements.lock setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo 'Installing the Python packages (the first time takes a minute or two) …'
	@if test -x $(BIN)/pip; then pip='$(BIN)/python -m pip'; else pip='$(PYTHON) -m pip --python $(BIN)/python'; fi; \
	  $$pip install -q --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $$pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Node 20.19+ or 22.12+ from the machine; otherwise the wheel.
define BUILD
@node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>22||(a==22&&b>=12)||(a==20&&b>=19)?0:1)' 2>/dev/null \
  && npm --version >/dev/null 2>&1 \
  || test -x $(BIN)/npm \
  || { echo 'No recent Node on this machine: taking it from a wheel …'; \
       if test -x $(BIN)/pip; then pip='$(BIN)/python -m pip'; else pip='$(PYTHON) -m pip --python $(BIN)/python'; fi; \
       $$pip install -q --disable-pip-version-check --require-hashes -r requirements-node.lock; }
@echo 'Building the pages and the FEEL interpreter …'
@if test -x $(BIN)/npm; then export PATH="$(CURDIR)/$(BIN):$$PATH"; fi; \
  cd api/assets && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent build
@touch $(ASSETS)
endef

$(ASSETS): $(ASSET_SOURCES) | $(VENV)/.installed
	$(BUILD)

assets: $(VENV)/.installed
	$(BUILD)

lock: $(VENV)/.installed
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install -q uv
	@$(BIN)/python -m uv pip compile setup.cfg --extra test --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements.lock
	@cd api/assets && npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean:
	rm -rf $(VENV) api/assets/node_modules api/static/built engine/built build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis
