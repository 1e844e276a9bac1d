PYTHON ?= python3
PORT ?= 4566
SIZE ?= small
TYPE ?= api
VIEW_DSN ?=
STAGE ?=
WORKERS ?= 3

DEV := .venv/bin/python
# A new interpreter or changed requirements make new environments; otherwise these stamps cost nothing.
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
DEV_READY := .venv/ready-$(VERSION)
AWS_READY := .local/aws-venv/ready-$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help run mailbox stop clean test check bench deploy environments

help:
	@echo 'make run | mailbox | stop | clean | test | check | bench | deploy STAGE=...   (PYTHON=python3.x, PORT=4566, SIZE=tiny|small|medium|large, TYPE=api|view, VIEW_DSN=engine://user:password@host/database)'

run: environments
	@PORT=$(PORT) SIZE=$(SIZE) TYPE=$(TYPE) VIEW_DSN="$(VIEW_DSN)" $(DEV) -m infra.local.demo

mailbox: $(DEV_READY)
	@$(DEV) -m infra.local.mailbox

stop: $(DEV_READY)
	@$(DEV) -m infra.local.aws stop

clean: $(DEV_READY)
	@$(DEV) -m infra.local.aws wipe

test: environments
	@$(DEV) -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

check: environments
	@$(DEV) -m infra.check

bench: environments
	@$(DEV) -m tests.bench $(ARGS)

deploy: $(DEV_READY)
	@test -n "$(STAGE)" || { echo 'Say where to: make deploy STAGE=prod' >&2; exit 2; }
	@$(DEV) -m infra.stack deploy --stage $(STAGE)

environments:
	@$(MAKE) --no-print-directory --silent -j2 $(DEV_READY) $(AWS_READY)

# $(call environment,<directory>,<pip arguments>)
define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed, $(PYTHON) is $(VERSION). Pick another: PYTHON=python3.12 make ...' >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 2; }
	@echo 'Installing into $(1) ...'
	@rm -rf $(1)
	@$(PYTHON) -m venv $(1)
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check $(2)
	@touch $@
endef

$(DEV_READY): requirements.txt requirements-dev.txt
	$(call environment,.venv,-r requirements-dev.txt)

$(AWS_READY): requirements-local.txt
	$(call environment,.local/aws-venv,-r requirements-local.txt)
