# portalcheck: `make run` serves it, `make test` tests it, `make help` lists the rest.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONDONTWRITEBYTECODE =

.PHONY: help run test check coverage audit fuzz bench lock clean extension

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "portalcheck needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what portalcheck needs …"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.fuzz: requirements-fuzz.lock | $(VENV)/.dev
	@echo "Installing the fuzzer …"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-fuzz.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## serve the page and the API on http://127.0.0.1:8000
	@$(BIN)/python -m checker serve --host $(HOST) --port $(PORT)

# deptry runs twice: what the product imports is a dependency of it; what tests and benchmarks import, at least of dev.
check: $(VENV)/.dev ## ruff, mypy --strict, deptry and the import rule
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/deptry . --exclude '\.venv' --extend-exclude extension/node_modules --non-dev-dependency-groups dev,fuzz --ignore DEP002
	$(BIN)/python -m pytest -q tests/test_layout.py

test: $(VENV)/.dev extension/node_modules/.installed ## run every test, or those that ARGS names; has apt install the programs they need
	@$(BIN)/python -m pytest --install-tools $(ARGS)

coverage: $(VENV)/.dev ## which lines and branches of the core its tests reach, in percent; less than 95 fails
	@$(BIN)/python -m coverage run -m pytest -q tests/core tests/lists/test_real_list.py tests/test_overdue.py tests/test_texts.py
	@$(BIN)/python -m coverage report

extension: $(VENV)/.run ## the browser extension, unpacked and zipped, in dist/ (SERVICE=https://… names its service)
	@$(BIN)/python -m extension.build $(if $(filter undefined,$(origin SERVICE)),,--service "$(SERVICE)")
	@$(BIN)/python -m extension.vectors dist/vectors.json

extension/node_modules/.installed: extension/package-lock.json | $(VENV)/.dev
	@echo "Installing what the tests of the extension need …"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --loglevel=error --no-audit --no-fund --prefix extension >/dev/null
	@touch $@

audit: | $(BIN)/python ## look the locked dependencies up among known vulnerabilities; says so when nobody answers
	@test $(VENV)/audit/.done -nt requirements-audit.lock || { echo "Installing the auditor …" && $(BIN)/python -m venv $(VENV)/audit && \
	  $(VENV)/audit/bin/python -m pip install -qq --require-hashes -r requirements-audit.lock && touch $(VENV)/audit/.done; }
	@$(VENV)/audit/bin/python .ci/audit.py

fuzz: $(VENV)/.fuzz extension/node_modules/.installed ## look for inputs that break a promise, FUZZ_SECONDS (60) for each part; Linux only
	@$(BIN)/python tests/fuzz/fuzz.py

bench: $(VENV)/.dev ## measure checks, pasted texts, the service, lists of all sizes, many addresses, capacity and look-alikes; writes their tables
	@$(BIN)/python benchmarks/bench_check.py
	@$(BIN)/python benchmarks/bench_text.py
	@$(BIN)/python benchmarks/bench_service.py
	@$(BIN)/python benchmarks/bench_allowlist.py
	@$(BIN)/python benchmarks/bench_bulk.py
	@$(BIN)/python benchmarks/bench_capacity.py
	@$(BIN)/python -m benchmarks.lookalike

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

lock: ## write the lock files anew (needs uv); requirements.lock is what serving needs, the image included
	$(LOCK) pyproject.toml --extra server --extra postgres --extra redis -o requirements.lock
	$(LOCK) pyproject.toml --all-extras --group dev -o requirements-dev.lock
	$(LOCK) --group fuzz -o requirements-fuzz.lock
	$(LOCK) --group build -o requirements-build.lock
	$(LOCK) --group audit -o requirements-audit.lock

clean: ## remove what these commands made
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache
