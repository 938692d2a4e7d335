# What one types here. Each target first makes .venv, if it is missing or older than what it is made
# from; nothing but Python's own venv and pip is needed for that.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
PEERS := var/bench
PACKAGES := services shared ostinato deploy

.DEFAULT_GOAL := help
.PHONY: help demo up flower test check docs bench bench-gpu lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## start everything, write four melodies to out/, stop everything
	@$(BIN)/python -m deploy.local demo

up: $(INSTALLED) ## start everything and keep it up; Ctrl-C stops it
	@$(BIN)/python -m deploy.local up

flower: $(INSTALLED) ## look into the queues of the stack that is up
	@$(BIN)/python -m deploy.local flower

test: $(INSTALLED) ## all tests, on the real servers, with coverage
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest --cov --cov-report=term

check: $(INSTALLED) ## style, types, layers, documentation, layout, containers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet $(PACKAGES)
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/hadolint deploy/*.Dockerfile
	$(BIN)/python -m pytest --quiet tests/architecture tests/contracts
	@$(WEB_CHECK)

# Without Node the page is neither built nor checked; CI has Node.
define WEB_CHECK
if command -v npm > /dev/null; then cd services/web && { test -d node_modules || npm ci; } && npm run check; \
elif [ "$$CI" = true ]; then echo 'CI needs Node 20 or newer, to check services/web' >&2; exit 1; \
else echo 'services/web was not checked: there is no Node'; fi
endef

docs: $(INSTALLED) ## write the generated documents: openapi.json, configuration.md
	$(BIN)/python -m services.gateway.openapi > docs/openapi.json
	$(BIN)/python -m tests.support.configuration > docs/configuration.md

bench: $(INSTALLED) $(PEERS)/installed ## ours beside its peers, to docs/: half an hour of a quiet machine
	$(BIN)/python -m tests.benchmarks

bench-gpu: $(INSTALLED) ## tokens a second on a CUDA device, beside what its memory allows
	$(BIN)/python -m tests.benchmarks.gpu

# What is compared with and no dependency of ours. llama.cpp is compiled, which takes minutes and a
# C++ compiler; without it the rest is measured all the same.
$(PEERS)/installed: tests/benchmarks/requirements.lock | $(INSTALLED)
	xargs -n 1 nice $(BIN)/pip install --no-deps --upgrade --target $(PEERS) < $< && touch $@ || \
	echo 'A peer was not installed, for the reason above: its rows will be missing.' >&2

lock: ## choose the newest versions that pyproject.toml allows
	set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(PYTHON) -m venv "$$fresh"; \
	"$$fresh/bin/pip" install --editable '.[dev]'; \
	"$$fresh/bin/pip" freeze --exclude-editable | $(ONE_BUILD_FOR_ALL) > requirements.lock

# torch's build, CPU or CUDA, and what comes with it, is the installer's choice.
ONE_BUILD_FOR_ALL := sed -e 's/+[a-z0-9.]*$$//' -e '/^nvidia-/d' -e '/^cuda-/d' -e '/^triton=/d'

TOO_OLD := "Ostinato needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11"

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit($(TOO_OLD))'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m shared.models.native.build
	@touch $@
