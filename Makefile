# `make run` and `make test` need nothing but Python 3.11 or later: scripts/setup brings the rest into .venv.
.PHONY: run dev check test soak mutate bench format lock clean
BIN := .venv/bin
CODE := src tests bench

run:
	@scripts/setup run
	@exec $(BIN)/entrepot serve $(ARGS)

dev:
	@scripts/setup dev
	@exec $(BIN)/watchfiles --sigint-timeout 5 '$(BIN)/entrepot serve $(ARGS)' src

check:
	@scripts/setup dev
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/pytest tests/structure

test:
	@scripts/setup dev
	@$(BIN)/pytest -n auto --dist loadfile $(ARGS)

soak:
	@scripts/setup dev
	@$(BIN)/pytest tests/soak $(ARGS)

mutate:
	@scripts/setup dev
	@scripts/mutate

bench:
	@scripts/setup dev
	@$(BIN)/python -m bench $(ARGS)

format:
	@scripts/setup dev
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

lock:
	@scripts/lock

clean:
	rm -rf .venv .bench .mypy_cache .pytest_cache .ruff_cache mutants tests/clients/node_modules tests/agents/node_modules
