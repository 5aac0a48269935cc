# `make run` and `make test` need nothing but Python 3.11 or later: scripts/setup brings the rest into .venv.
.PHONY: run dev web check test soak mutate bench screenshots format lock types clean
BIN := .venv/bin
CODE := src tests bench hatch_build.py
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web

run:
	@scripts/setup run
	@exec $(BIN)/entrepot serve $(ARGS)

dev:
	@scripts/setup dev
	@exec $(BIN)/watchfiles --sigint-timeout 5 '$(BIN)/entrepot serve $(ARGS)' src

# The browser application from its sources, which it shows as they change; it calls the hub of `make run` or `make dev`.
web:
	@scripts/setup dev
	@$(NPM) run dev -- $(ARGS)

check:
	@scripts/setup dev
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@$(NPM) run --silent check
	@$(NPM) run --silent test
	@$(BIN)/pytest tests/structure

test:
	@scripts/setup dev
	@$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

soak:
	@scripts/setup dev
	@$(BIN)/pytest tests/soak $(ARGS)

mutate:
	@scripts/setup dev
	@scripts/mutate

bench:
	@scripts/setup dev
	@$(BIN)/python -m bench $(ARGS)

screenshots:
	@scripts/setup dev
	@scripts/screenshots $(ARGS)

format:
	@scripts/setup dev
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)
	@$(NPM) run --silent format

lock:
	@scripts/lock

types:
	@scripts/setup dev
	@scripts/types

clean:
	rm -rf .venv .bench .screenshots .mypy_cache .pytest_cache .ruff_cache mutants src/entrepot/web \
		web/node_modules tests/clients/node_modules tests/agents/node_modules
