# Everyday commands. Each one brings .venv up to date first; what is current is not done again.

VENV := .venv
PYTHON := $(VENV)/bin/python
UV := $(shell command -v uv 2>/dev/null)
BUILD_INPUTS := pyproject.toml hatch_build.py package.json package-lock.json \
	$(shell find locale guanxi -name '*.po' -o -name '*.html' -o -path '*/bundle/*' -type f)
CHECK_DATA := build/check-data

.PHONY: run test check bench format browser mariadb clean

run: $(VENV)/.with-demo
	@exec $(VENV)/bin/guanxi up --demo

test: $(VENV)/.with-test browser mariadb
	$(PYTHON) -m pytest $(PYTEST_ARGUMENTS)

check: $(VENV)/.with-check
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint guanxi --check --quiet
	$(VENV)/bin/djlint guanxi --lint --quiet
	GUANXI_DATA=$(CHECK_DATA) $(VENV)/bin/guanxi messages --check
	GUANXI_DATA=$(CHECK_DATA) $(VENV)/bin/guanxi reference --check
	GUANXI_DATA=$(CHECK_DATA) $(VENV)/bin/guanxi makemigrations --check --dry-run

bench: $(VENV)/.with-bench
	$(PYTHON) -m bench $(BENCH_ARGUMENTS)

format: $(VENV)/.with-check
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/djlint guanxi --reformat --quiet

# The browser tests use a Chromium of the system, or else the one that Playwright brings.
browser: $(VENV)/.with-test
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-noto-cjk; \
	else $(PYTHON) -m playwright install chromium; fi

# The tests pull from a MariaDB that they start themselves.
mariadb:
	@if PATH="$$PATH:/usr/sbin" command -v mariadbd >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -q -y --no-install-recommends mariadb-server-core; \
	else echo "Install mariadb-server-core: the tests of connections pull from a real MariaDB."; exit 1; fi

clean:
	rm -rf $(VENV) build dist

$(PYTHON):
ifdef UV
	$(UV) venv --quiet --allow-existing $(VENV)
else
	@python3 -m venv $(VENV) || { echo "Install python3-venv (apt-get install python3-venv) or uv first."; exit 1; }
endif

ifdef UV
INSTALL = $(UV) pip install --quiet --python $(PYTHON) --editable
PEERS = $(UV) pip install --quiet --python $(PYTHON)
else
INSTALL = $(PYTHON) -m pip install --quiet --disable-pip-version-check --editable
PEERS = $(PYTHON) -m pip install --quiet --disable-pip-version-check
endif

# Of the peer that brings known sets its files are taken alone: what it needs itself would replace our parts by older ones.
$(VENV)/.with-bench: $(BUILD_INPUTS) | $(PYTHON)
	$(INSTALL) '.[demo]'
	$(PEERS) --target build/bench-peers --no-deps 'recordlinkage>=0.16'
	@touch $@

$(VENV)/.with-demo: $(BUILD_INPUTS) | $(PYTHON)
	$(INSTALL) '.[demo]'
	@touch $@

$(VENV)/.with-test: $(BUILD_INPUTS) | $(PYTHON)
	$(INSTALL) '.[demo,test]'
	@touch $@ $(VENV)/.with-demo

$(VENV)/.with-check: $(BUILD_INPUTS) | $(PYTHON)
	$(INSTALL) '.[demo,test,check]'
	@touch $@ $(VENV)/.with-demo $(VENV)/.with-test
