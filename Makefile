# Franked's commands. Each works on a fresh Debian with Python 3.11 or newer, python3-venv, make and git.
.PHONY: demo test tests fast simulate proof screenshots bench lint lock clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
SEVERAL := -n 4 --dist loadfile --no-loadscope-reorder  # processes; the tests of one file stay together, and some files mostly wait

unexport PYTHONDONTWRITEBYTECODE  # some images set it; each start of `franked` would compile its 450 modules anew

demo: $(VENV)/ready  ## a day of five products in a minute: sandbox, bounces, complaints, an outage, against a simulated SES
	@$(BIN)/franked demo

test: $(VENV)/ready-dev  ## everything: lint, types, all tests
	@$(MAKE) --no-print-directory --jobs=2 lint tests

tests: $(VENV)/ready-dev
	@$(BIN)/pytest $(SEVERAL)

fast: $(VENV)/ready-dev  ## rules, formats and trips: under 20 seconds
	@$(BIN)/pytest -n 2 --dist loadfile --hypothesis-profile=fast tests/rules tests/formats tests/trips tests/test_architecture.py

simulate: $(VENV)/ready-dev  ## every crash point and 2,000 seeds on a virtual clock: some minutes
	@$(BIN)/python -m tests.simulate --seeds 2000 --jobs 2

proof: simulate  ## that, 200 real kills, both on PostgreSQL, the pace, odd requests, a siege, guesses, a newsletter, dead webhooks, SES's list, a million events, a month of the governor; prints its figures
	@$(BIN)/python -m tests.faults --kills 200 --seed 1 --json
	@$(BIN)/python -m tests.simulate --db --seeds 20 --jobs 2
	@$(BIN)/python -m tests.faults --db --kills 100 --seed 1 --json
	@$(BIN)/pytest tests/faults/long_sleep.py
	@$(BIN)/python -m tests.faults.pace --messages 500
	@$(BIN)/python -m tests.fuzz --cases 5000 --seed 1
	@$(BIN)/python -m tests.siege --json
	@$(BIN)/python -m tests.guesses --guesses 10000 --connections 50
	@$(BIN)/python -m tests.newsletter --people 50000 --kills 3
	@$(BIN)/python -m tests.endpoints --mails 1000 --rounds 3
	@$(BIN)/python -m tests.reconcile --entries 100000 --kills 5
	@$(BIN)/python -m tests.recount --events 1000000 --seed 1
	@$(BIN)/python -m tests.month --days 30 --jobs 2

screenshots: $(VENV)/ready-dev  ## the ready mails and the public pages as pictures, to look at: needs chromium
	@$(BIN)/python -m tests.screenshots

bench: $(VENV)/ready-dev $(PEERS)/ready  ## beside Celery, pgqueuer, django-post-office and FastAPI: needs nginx-light and redis-server
	@$(BIN)/python -m bench $(BENCH)

lint: $(VENV)/ready-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

lock:  ## renew the lock files (needs uv)
	@requirements/lock

clean:
	rm -rf $(VENV) $(PEERS) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Franked needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && [ "$(PYTHON)" = python3 ] && command -v apt-get >/dev/null; then \
	    apt-get update -q >/dev/null && apt-get install -y -q python3-venv >/dev/null; \
	  else echo "Franked needs Debian's package python3-venv: apt-get install python3-venv"; exit 1; fi; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/ready: requirements/run.txt pyproject.toml | $(VENV)/bin/pip
	@echo "Installing what Franked stands on (locked, by hash) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/run.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/ready-dev: requirements/dev.txt | $(VENV)/ready
	@echo "Installing what its tests need ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@

$(PEERS)/ready: bench/requirements.txt | $(VENV)/bin/pip
	@echo "Installing the peers of the bench, in an environment of their own ..."
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r bench/requirements.txt
	@touch $@
