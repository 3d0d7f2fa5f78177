# SPDX-License-Identifier: GPL-3.0-or-later
# Each target installs what it needs, says in one line what it is doing, and is quick the second time.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
PY := $(BIN)/python
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
JOBS ?= 2

# The environment of the caller must not decide which collection, which settings or which Python is used.
unexport ANSIBLE_COLLECTIONS_PATH ANSIBLE_COLLECTIONS_PATHS ANSIBLE_CONFIG ANSIBLE_INVENTORY ANSIBLE_ROLES_PATH
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PATH := $(BIN):$(PATH)
export PYTHONDONTWRITEBYTECODE := 1

# What the lab and the browser tests need from Debian. Everything else comes from requirements.txt.
APT := python3-venv openssh-server bubblewrap libnss-wrapper busybox-static dash musl-tools procps \
       wine64 gcc-mingw-w64-x86-64-win32 chromium fonts-dejavu-core

.PHONY: help
help: ## these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: apt
apt: ## Debian packages (the only step that needs root or sudo)
	@missing=$$(for name in $(APT); do \
	  dpkg-query -W -f '$${db:Status-Status}' "$$name" 2>/dev/null | grep -qx installed || echo "$$name"; done); \
	if [ -n "$$missing" ]; then \
	  echo "apt: installing" $$missing; \
	  $(SUDO) apt-get -qq update; \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $$missing >/dev/null; \
	fi

.PHONY: no-stale-copy
no-stale-copy:
	@for folder in "$${HOME:-}/.ansible/collections" /usr/share/ansible/collections; do \
	  if [ -e "$$folder/ansible_collections/impax" ]; then \
	    echo "$$folder/ansible_collections/impax exists: Ansible would run that copy and not this checkout." >&2; \
	    echo "Move it away (it was put there by ansible-galaxy or by a Molecule prerun) and call make again." >&2; \
	    exit 1; \
	  fi; \
	done
	@if [ -e $(VENV)/.path ] && [ "$$(cat $(VENV)/.path)" != "$(CURDIR)" ]; then \
	  echo "This checkout was moved here from $$(cat $(VENV)/.path), and .venv still points there." >&2; \
	  echo "Remove it (rm -r .venv) and call make again." >&2; \
	  exit 1; \
	fi

.PHONY: venv
venv: no-stale-copy $(VENV)/.linked ## Python environment in .venv, with this checkout as the collection

$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) apt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "$(PYTHON) is older than Python 3.10; name another one: make PYTHON=python3.11" >&2; exit 1; }
	@echo "venv: installing requirements.txt into .venv"
	@[ -x $(PY) ] || $(PYTHON) -m venv $(VENV)
	@echo "$(CURDIR)" > $(VENV)/.path
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# A link, not a copy: what runs is what is in the checkout.
$(VENV)/.linked: $(VENV)/.installed pyproject.toml
	@echo "venv: linking this checkout as impax.upgrade, installing impax-prepare and impax-lab"
	@site=$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
	mkdir -p "$$site/ansible_collections/impax"; \
	ln -sfn "$(CURDIR)" "$$site/ansible_collections/impax/upgrade"
	@PYTHONWARNINGS=ignore $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

PYTEST := $(PY) -m pytest

.PHONY: unit
unit: venv ## unit tests and transcripts, without the lab
	@echo "unit: unit tests and transcripts"
	@$(PYTEST) -q tests/unit tests/transcripts

.PHONY: lint
lint: venv ## ruff, mypy, ansible-lint, yamllint, changelog and documentation lint
	@echo "lint: ruff, mypy, ansible-lint, yamllint, antsibull"
	@$(PYTEST) -q tests/lint

.PHONY: test
test: apt venv ## everything: lint, unit, transcripts, lab, Molecule, browser
	@echo "test: lint, unit, transcripts, lab, Molecule, browser"
	@$(PYTEST) -n $(JOBS) --dist loadfile tests

.PHONY: demo
demo: apt venv ## a simulated site: up, prepared, report in build/demo/report, down
	@echo "demo: a simulated site in build/demo"
	@$(PY) tests/demo/run.py build/demo

.PHONY: bench
bench: apt venv ## the audit stage against the same vendor commands typed bare: build/bench/bench.json
	@echo "bench: the audit stage against the same vendor commands typed bare"
	@$(PY) tests/bench/run.py build/bench

.PHONY: docs
docs: venv ## documentation as HTML in build/docs/html
	@echo "docs: building build/docs/html"
	@docs/build.sh build/docs

.PHONY: pin
pin: venv ## requirements.in -> requirements.txt, newest versions with hashes
	@echo "pin: resolving requirements.in"
	@CUSTOM_COMPILE_COMMAND="make pin" $(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe \
	  --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
	  --newline=lf --output-file=requirements.txt requirements.in

.PHONY: format
format: venv ## ruff's formatter and its safe repairs
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format .

.PHONY: clean
clean: ## remove build/ (a lab that is up keeps running: take it down first)
	@rm -rf build
