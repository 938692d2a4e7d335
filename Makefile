# Each target first creates .venv, if it is missing or older than its inputs; this needs only Python
# with venv and pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
BASELINES := var/bench
PACKAGES := services shared ostinato deploy

.DEFAULT_GOAL := help
.PHONY: help demo up flower test check docs bench bench-gpu lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## start the stack, generate four melodies to out/, stop the stack
	@$(BIN)/python -m deploy.local demo

up: $(INSTALLED) ## start the stack; Ctrl-C stops it
	@$(BIN)/python -m deploy.local up

flower: $(INSTALLED) ## show the queues of the running stack
	@$(BIN)/python -m deploy.local flower

test: $(INSTALLED) ## run all tests, on real servers, with coverage
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest --cov --cov-report=term

check: $(INSTALLED) ## check style, types, imports, docstrings, layout, containers
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

# Without Node the web studio is not checked; CI has Node.
define WEB_CHECK
if command -v npm > /dev/null; then cd services/web && { test -d node_modules || npm ci; } && npm run check; \
elif [ "$$CI" = true ]; then echo 'CI needs Node 20 or newer to check services/web' >&2; exit 1; \
else echo 'services/web was not checked: Node is not installed'; fi
endef

docs: $(INSTALLED) ## write the generated documents: openapi.json, configuration.md
	$(BIN)/python -m services.gateway.openapi > docs/openapi.json
	$(BIN)/python -m tests.support.configuration > docs/configuration.md

bench: $(INSTALLED) $(BASELINES)/installed ## run the benchmarks, to docs/: half an hour on an idle machine
	$(BIN)/python -m tests.benchmarks

bench-gpu: $(INSTALLED) ## measure decoding on a CUDA device
	$(BIN)/python -m tests.benchmarks.gpu

# The baselines of the benchmarks are not dependencies of the project. llama.cpp is compiled, which
# takes minutes and needs a C++ compiler; without it the other benchmarks still run.
$(BASELINES)/installed: tests/benchmarks/requirements.lock | $(INSTALLED)
	xargs -n 1 nice $(BIN)/pip install --no-deps --upgrade --target $(BASELINES) < $< && touch $@ || \
	echo 'A baseline was not installed, see above: its rows will be missing.' >&2

lock: ## update the lock file to the newest versions that pyproject.toml allows
	set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(PYTHON) -m venv "$$fresh"; \
	"$$fresh/bin/pip" install --editable '.[dev]'; \
	"$$fresh/bin/pip" freeze --exclude-editable | $(REMOVE_BUILD_TAGS) > requirements.lock

# The build of torch (CPU or CUDA) and its dependencies are chosen at installation.
REMOVE_BUILD_TAGS := sed -e 's/+[a-z0-9.]*$$//' -e '/^nvidia-/d' -e '/^cuda-/d' -e '/^triton=/d'

TOO_OLD := "Ostinato needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11"

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit($(TOO_OLD))'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m shared.models.native.build
	@touch $@
