# Each target first creates .venv, if it is missing or older than its inputs; this needs only Python
# with venv and pip, and about 2 GB (with CUDA 7 GB).

# Compiled modules are kept: without them each program takes one to two seconds longer to start.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
BASELINES := var/bench
PACKAGES := services shared ostinato deploy
PYTEST := OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest --numprocesses 2

.DEFAULT_GOAL := help
.PHONY: help demo up down flower test chaos coverage lint check docs bench bench-queue load bench-gpu lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## start the stack, generate four melodies to out/, stop the stack
	@$(BIN)/python -m deploy.local demo

up: $(INSTALLED) ## start the stack; Ctrl-C stops it
	@$(BIN)/python -m deploy.local up

down: $(INSTALLED) ## stop the stack from another terminal
	@$(BIN)/python -m deploy.local down

flower: $(INSTALLED) ## show the queues of the running stack
	@$(BIN)/python -m deploy.local flower

test: $(INSTALLED) ## run all tests, on real servers, in two processes
	$(PYTEST)

test-%: $(INSTALLED) # run one tier, such as test-unit: a folder of tests/
	$(PYTEST) tests/$*

chaos: export OSTINATO_CHAOS_SEED ?= $(shell od -An -N2 -tu2 /dev/urandom | tr -d ' ')
chaos: $(INSTALLED) ## inject every fault at every moment, to docs/chaos.md; OSTINATO_CHAOS_SEED=N repeats a run
	$(PYTEST) tests/chaos --numprocesses 0

# Coverage slows down every service that a test starts, so the tests of whole stacks run without it
coverage: $(INSTALLED) ## run all tests as CI does: those of parts with coverage, then those of whole stacks
	$(PYTEST) --cov --cov-report=term $(addprefix tests/,unit integration contracts architecture)
	$(PYTEST) $(addprefix tests/,chaos e2e upgrade browser)

lint: $(INSTALLED) ## check style, types, imports, docstrings, containers, the studio's sources
	$(BIN)/ruff format --check $(PACKAGES) tests
	$(BIN)/ruff check $(PACKAGES) tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet --config pyproject.toml $(PACKAGES)
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/hadolint deploy/Dockerfile deploy/*.Dockerfile
	@$(WEB_CHECK)

check: lint ## lint, and the fast tests of layout, vocabulary, documents and contracts
	$(BIN)/python -m pytest --quiet tests/architecture tests/contracts --ignore tests/contracts/test_wheels.py

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

bench-queue: $(INSTALLED) $(BASELINES)/installed ## measure the queue beside its peers, to docs/: half an hour on an idle machine
	$(BIN)/python -m tests.benchmarks.queue

load: $(INSTALLED) ## a thousand WebSockets and the highest rate of jobs for a minute, to docs/benchmarks-queue.md
	$(BIN)/python -m tests.benchmarks.queue load overload

bench-gpu: $(INSTALLED) ## measure decoding on a CUDA device
	$(BIN)/python -m tests.benchmarks.gpu

# The baselines of the benchmarks are not dependencies of the project. llama.cpp is compiled, which
# takes minutes and needs a C++ compiler; without it the other benchmarks still run.
$(BASELINES)/installed: tests/benchmarks/requirements.lock | $(INSTALLED)
	xargs -n 1 nice $(BIN)/pip install --no-deps --upgrade --target $(BASELINES) < $< && touch $@ || \
	echo 'A baseline was not installed, see above: its rows will be missing.' >&2

lock: $(INSTALLED) ## update the lock file to the newest versions that the two pyproject.toml allow
	cd deploy && ../$(BIN)/uv pip compile pyproject.toml --all-extras --upgrade --generate-hashes \
	--no-annotate --no-header --python-version 3.11 --python-platform linux --quiet \
	| awk '/^[a-z]/ {drop = /^(torch|triton|nvidia-|cuda-)/} !drop' > ../requirements.lock.new
	mv requirements.lock.new requirements.lock

# uv installs in a few seconds what the lock names, verified by its hashes. The lock leaves out PyTorch
# and the libraries of its CUDA builds: uv takes the build for this machine's GPU driver, or for its
# processor. Where uv does not reach its index, pip installs the same from the index that it is
# configured with.
UV = $(BIN)/uv pip install --python $(BIN)/python
TORCH = $(shell sed -n 's/.*"\(torch==[0-9.]*\)".*/\1/p' deploy/pyproject.toml)
FAILED := 'The installation failed: check the network and the disk, then run the same command again.'

$(INSTALLED): requirements.lock pyproject.toml deploy/pyproject.toml
	@$(PYTHON) deploy/check_machine.py
	@echo 'Installing the packages of requirements.lock into $(VENV): once, a minute or more.'
	@$(PYTHON) -m venv $(VENV)
	@awk '/^[a-z]/ {take = /^uv==/} take' requirements.lock > $(VENV)/uv.txt
	@$(BIN)/pip install --quiet --require-hashes --requirement $(VENV)/uv.txt || \
	{ echo $(FAILED) >&2; exit 1; }
	@$(UV) --require-hashes --no-deps --requirement requirements.lock || \
	$(BIN)/pip install --require-hashes --no-deps --requirement requirements.lock || \
	{ echo $(FAILED) >&2; exit 1; }
	@echo 'Installing the build of PyTorch for the GPU driver of this machine, or for its processor.'
	@$(UV) --torch-backend auto --constraint requirements.lock $(TORCH) || \
	$(BIN)/pip install $(TORCH) || { echo $(FAILED) >&2; exit 1; }
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@echo 'Compiling the native code.'
	@$(BIN)/python -m shared.models.native.build
	@touch $@
