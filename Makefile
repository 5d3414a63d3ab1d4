# Every command that users and contributors run. It needs make and Python 3.11 or newer; everything else is installed in .venv.

PYTHON       ?= python3
REPLICATIONS ?= 10
SCENARIO     ?= scenarios/flash-sale.yaml
PYTEST_ARGS  ?=

BIN   := .venv/bin
STAMP := .venv/.installed
UV    := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest \
         --no-annotate --no-emit-index-url --custom-compile-command 'make lock'

SITE  := $(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs build/docs

# Every command loads compiled modules, also where the shell forbids to write them: that takes half the time to start.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help .venv kernel demo lint test check docs lessons gallery pictures reference format bench golden lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[.a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

.venv: $(STAMP) ## create .venv with the locked dependencies and the simulator itself
	@:

kernel: $(STAMP) ## compile the kernel again after its C sources have changed
	@$(BIN)/python hatch_build.py

$(STAMP): pyproject.toml hatch_build.py requirements.lock requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "Setting up .venv (once; about a minute) ..."
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --requirement requirements-dev.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@test -e simulator/kernel/kernel.so || echo "No C compiler was found: SimPy plays, with the same results, several times slower."
	@touch $@

demo: $(STAMP) ## compare the policies of a scenario in seconds; SCENARIO=scenarios/online-retail.yaml is a year of real data
	@echo "Playing $(SCENARIO): $(REPLICATIONS) replications of every policy ..."
	@$(BIN)/backorder run $(SCENARIO) --replications $(REPLICATIONS)
	@case $(SCENARIO) in *online-retail.yaml) ;; *) \
	echo "Next, a year of a real wholesaler, order by order: make demo SCENARIO=scenarios/online-retail.yaml";; esac

test: $(STAMP) ## run the tests
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(STAMP) ## check the format, the lint rules, the types and the import contracts (under a minute)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check: lint ## everything: lint, tests, docs
	$(BIN)/python -m pytest $(PYTEST_ARGS)
	$(SITE)

docs: $(STAMP) ## build the documentation site; a warning is an error
	@$(SITE)
	@echo "The site: build/docs/index.html"

lessons: $(STAMP) ## redraw the pictures and re-measure the values of the teacher's guide (three minutes)
	@$(BIN)/python -m docs.lessons

gallery: $(STAMP) ## run every shipped scenario and write its answer and figures to docs/gallery.md (ten minutes)
	@$(BIN)/python -m docs.gallery

pictures: $(STAMP) ## take the pictures of README and documentation from running pages (needs Chromium)
	@$(BIN)/python -m docs.pictures

reference: $(STAMP) ## regenerate the reference of keys, kinds and KPIs from the code
	@$(BIN)/python -m docs.generate

format: $(STAMP) ## format the code and sort the imports
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

bench: $(STAMP) ## measure the speed against a reference loop
	@$(BIN)/python tests/benchmarks/bench.py

golden: $(STAMP) ## regenerate the golden files; review the diff
	@$(BIN)/python -m pytest tests/golden --update-golden -n 0

lock: $(STAMP) ## update the lock files to the newest versions
	@$(BIN)/python -m pip install -qq --disable-pip-version-check uv
	@$(UV) --upgrade --output-file requirements.lock
	@$(UV) --upgrade --extra trace --extra optimise --extra distributed --extra notebook --extra xlsx --extra lab --extra mcp --group dev --group docs --constraint requirements.lock --output-file requirements-dev.lock

clean: ## remove .venv, caches and builds; keep results
	@rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov *.egg-info
	@find . -path ./.git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
