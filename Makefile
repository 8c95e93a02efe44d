# portalcheck: `make run` serves it, `make test` tests it, `make help` lists the rest.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
CHROMIUM := command -v chromium >/dev/null || command -v chromium-browser >/dev/null
POSTGRES := ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null
REDIS := command -v redis-server >/dev/null || command -v valkey-server >/dev/null
NGINX := [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null
JAVA := command -v java >/dev/null
ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONDONTWRITEBYTECODE =

.PHONY: help run test check audit fuzz bench lock clean extension extension-tools

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "portalcheck needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what portalcheck needs …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.fuzz: requirements-fuzz.lock | $(VENV)/.dev
	@echo "Installing the fuzzer …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-fuzz.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## serve the page and the API on http://127.0.0.1:8000
	@$(BIN)/python -m checker serve --host $(HOST) --port $(PORT)

check: $(VENV)/.dev ## ruff, mypy --strict and the import rule
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layout.py

test: $(VENV)/.dev extension-tools ## run every test; fetches Debian's chromium, postgresql, redis, nginx and java where they are missing
	@$(CHROMIUM) || ! command -v apt-get >/dev/null || { \
	  echo "Installing chromium, which the tests of the page drive …"; \
	  $(ROOT) apt-get install -y -qq chromium >/dev/null 2>&1 || \
	  { $(ROOT) apt-get update -qq && $(ROOT) apt-get install -y -qq chromium >/dev/null; }; } || true
	@{ { $(POSTGRES); } && { $(REDIS); }; } || ! command -v apt-get >/dev/null || { \
	  echo "Installing postgresql and redis-server, which the tests of reports and limits start …"; \
	  $(ROOT) apt-get install -y -qq postgresql redis-server >/dev/null 2>&1 || \
	  { $(ROOT) apt-get update -qq && $(ROOT) apt-get install -y -qq postgresql redis-server >/dev/null; }; } || true
	@{ { $(NGINX); } && { $(JAVA); }; } || ! command -v apt-get >/dev/null || { \
	  echo "Installing nginx and java, which the tests of replicas and of Spark start …"; \
	  JDK="$$($(JAVA) || echo default-jre-headless)"; \
	  $(ROOT) apt-get install -y -qq nginx $$JDK >/dev/null 2>&1 || \
	  { $(ROOT) apt-get update -qq && $(ROOT) apt-get install -y -qq nginx $$JDK >/dev/null; }; } || true
	@if $(CHROMIUM); then $(BIN)/python -m pytest; else \
	  $(BIN)/python -m pytest -m "not browser" && \
	  { echo "!!! NO BROWSER: the tests of the page and the extension DID NOT RUN. Install chromium (Debian: apt-get install chromium) and run make test again."; [ "$(CI)" != true ]; }; fi

extension: $(VENV)/.run ## the browser extension, unpacked and zipped, in dist/ (SERVICE=https://… names its service)
	@$(BIN)/python -m extension.build $(if $(filter undefined,$(origin SERVICE)),,--service "$(SERVICE)")
	@$(BIN)/python -m extension.vectors dist/vectors.json

extension-tools:
	@{ command -v firefox-esr && command -v node && command -v npm && command -v openssl; } >/dev/null || ! command -v apt-get >/dev/null || { \
	  echo "Installing firefox-esr and node, which the tests of the extension use …"; \
	  NODE="$$(command -v npm >/dev/null || echo nodejs npm)"; \
	  $(ROOT) apt-get install -y -qq firefox-esr openssl $$NODE >/dev/null 2>&1 || \
	  { $(ROOT) apt-get update -qq && $(ROOT) apt-get install -y -qq firefox-esr openssl $$NODE >/dev/null; }; } || true
	@cmp -s extension/package-lock.json extension/node_modules/.installed || ! command -v npm >/dev/null || { \
	  echo "Installing the store's linter, which the tests of the extension use …"; \
	  npm ci --silent --no-audit --no-fund --prefix extension && cp extension/package-lock.json extension/node_modules/.installed; } || true

audit: | $(BIN)/python ## look the locked dependencies up among known vulnerabilities; says so when nobody answers
	@test $(VENV)/audit/.done -nt requirements-audit.lock || { echo "Installing the auditor …" && $(BIN)/python -m venv $(VENV)/audit && \
	  $(VENV)/audit/bin/python -m pip install --quiet --require-hashes -r requirements-audit.lock && touch $(VENV)/audit/.done; }
	@$(VENV)/audit/bin/python .ci/audit.py

fuzz: $(VENV)/.dev $(VENV)/.fuzz ## look for inputs that break a promise, FUZZ_SECONDS (60) for each part; Linux only
	@$(BIN)/python tests/fuzz/fuzz.py

bench: $(VENV)/.dev ## measure checks, the service, lists of all sizes, many addresses, capacity and look-alikes; writes their tables
	@$(BIN)/python benchmarks/bench_check.py
	@$(BIN)/python benchmarks/bench_service.py
	@$(BIN)/python benchmarks/bench_allowlist.py
	@$(BIN)/python benchmarks/bench_bulk.py
	@$(BIN)/python benchmarks/bench_capacity.py
	@$(BIN)/python -m benchmarks.lookalike

lock: ## write the lock files anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group fuzz -o requirements-fuzz.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group build -o requirements-build.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group audit -o requirements-audit.lock

clean: ## remove what these commands made
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache
