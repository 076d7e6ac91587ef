# Targets for people: demo, test, lab, app. Everything is installed into .venv at the root.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
# The first Python of a supported version; choose another with: make demo PYTHON=python3.12
PYTHON ?= $(shell for p in python3 python3.12 python3.13 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
OUT := $(CURDIR)/outputs
# Tools that look at the environment from outside have one of their own.
TOOLS := $(VENV)/tools
# Only wheels whose hash stands in constraints.txt, and nothing that they ask for beside it.
LOCKED := -m pip install --disable-pip-version-check --quiet --require-hashes --no-deps --only-binary :all:
# The lines of constraints.txt that belong to a set, such as lab or test.
set = --requirement <(awk '/^\# /{on = / $(1)( |$$)/} on' constraints.txt)

.PHONY: help demo test test-all chaos lab app check format rooms lock sbom audit browser clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 10

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found: install one, or name it with make PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Making .venv failed; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.lab: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing into $(VENV) (a few minutes the first time) ..."
	@$(BIN)/python $(LOCKED) $(call set,build)
	@$(BIN)/python $(LOCKED) $(call set,lab)
	@said=$$($(BIN)/python $(LOCKED) --no-index $(call set,torch) 2>&1) || { \
		grep -q "No matching distribution" <<< "$$said" || { echo "$$said"; exit 1; }; \
		$(BIN)/python $(LOCKED) $(call set,torch); }
	@if $(ASKS_FOR_CUDA); then $(BIN)/python $(LOCKED) $(call set,cuda); fi
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@said=$$($(BIN)/python -m pip check) || { echo "$$said"; exit 1; }
	@touch $@

# torch apart, since its builds differ: one that is installed already, or lies in a folder of pip's
# find-links, comes before that of an index, whose hash pip knows beforehand and would prefer. On Linux
# PyPI's build asks for the packages of the set cuda, PyTorch's CPU build for none of them.
ASKS_FOR_CUDA = $(BIN)/python -c 'import importlib.metadata, sys; \
	sys.exit(not any(r.startswith(("cuda", "nvidia")) for r in importlib.metadata.requires("torch")))'

$(VENV)/.test: $(VENV)/.lab
	@$(BIN)/python $(LOCKED) $(call set,test)
	@said=$$($(BIN)/python -m pip check) || { echo "$$said"; exit 1; }
	@touch $@

$(TOOLS)/.%: $(BIN)/python constraints.txt
	@$(BIN)/python -m venv $(TOOLS)
	@$(TOOLS)/bin/python $(LOCKED) $(call set,build) $(call set,$*)
	@touch $@

demo: $(VENV)/.lab ## Draw a picture through notebooks/01_generate.ipynb, offline, on any machine
	@mkdir -p $(OUT)
	@echo "Running notebooks/01_generate.ipynb ..."
	@$(BIN)/zimg run notebooks/01_generate.ipynb -p model nano-turbo -p output_dir $(OUT)/pictures -o $(OUT)/01_generate.ipynb > /dev/null
	@echo "Picture:  $$($(BIN)/zimg gallery --folder $(OUT)/pictures --limit 1 | cut -f1)"
	@echo "Notebook: $(OUT)/01_generate.ipynb"
	@echo "Next: make lab opens the notebook; $(BIN)/zimg generate \"a green star\" draws another picture."

lab: $(VENV)/.lab ## Open JupyterLab on the notebooks
	@$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks/01_generate.ipynb

app: $(VENV)/.lab ## Serve the Studio alone as a web page
	@$(BIN)/python -m zimg_widgets.app

test: $(VENV)/.test browser check ## Check and test everything
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

test-all: $(VENV)/.test browser check ## The same with the nightly tests: long trainings, many samples
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal -m "" --nbval-lax --nbval-cell-timeout=300 \
		tests notebooks/01_generate.ipynb

chaos: $(VENV)/.test ## Kill the shared engine's processes while 16 clients draw 300 pictures
	@$(BIN)/python tests/benchmarks/chaos.py

check: $(VENV)/.test ## Lint, format, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.test ## Mend lint and format where that is safe
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

rooms: $(VENV)/.test ## Draw the rooms of the kernel for CONTRIBUTING.md
	@$(BIN)/python tests/rooms.py

lock: $(TOOLS)/.lock ## Write constraints.txt anew; newer versions with UPGRADE=1 or UPGRADE=NAME
	@$(TOOLS)/bin/python tests/lock.py $(UPGRADE)

sbom: $(VENV)/.lab $(TOOLS)/.audit ## Write what is installed as a CycloneDX bill of materials
	@mkdir -p $(OUT)
	@$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-file $(OUT)/sbom.cdx.json $(BIN)/python
	@echo "Bill of materials: $(OUT)/sbom.cdx.json"

# The database is OSV's, which knows torch's CPU builds, too; PyPI's own knows only files on PyPI.
audit: $(VENV)/.lab $(TOOLS)/.audit ## Ask the OSV database for known vulnerabilities of what is installed
	@site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); log=$$(mktemp); \
	$(TOOLS)/bin/pip-audit --vulnerability-service osv --skip-editable --progress-spinner off --path $$site 2> $$log; rc=$$?; \
	if grep -qE "Connection(Error|Timeout)|requests.exceptions" $$log; then \
		echo "Nothing was audited: the vulnerability database (osv.dev) cannot be reached; run make audit again where it can."; \
	else cat $$log; fi; rm -f $$log; exit $$rc

# The browser tests need a Chromium and a font with Chinese characters.
browser:
	@need=""; \
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || command -v chromium-browser >/dev/null || need="chromium"; \
	fc-list :lang=zh 2>/dev/null | grep -q . || need="$$need fonts-wqy-microhei fontconfig"; \
	[ -z "$$need" ] && exit 0; \
	sudo=""; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	echo "Installing for the browser tests:$$need"; \
	{ command -v apt-get >/dev/null && $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$need >/dev/null; } \
	|| { echo "The browser tests need: $$need. They could not be installed here (no apt-get, or not allowed): install them yourself, then run make test again."; exit 1; }

clean: ## Remove the environment and outputs
	rm -rf $(VENV) $(OUT)
