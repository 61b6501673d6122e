# Every target works from a fresh clone with only Python 3.11-3.13, make and (for Spark) Java 17+.
VENV ?= .venv
PY := $(VENV)/bin/python
DEMO ?= .demo
LOCK_FLAGS := --generate-hashes --no-emit-index-url --no-annotate --override infra/lock-overrides.txt

SOURCES := extraction arxiv pmc wikipedia stackexchange books github
PEERS_pmc := --peers
PEERS_github := --installed

.PHONY: setup java demo test check gate bench lock clean

setup: $(VENV)/.ready java

$(VENV)/.ready: requirements.lock pyproject.toml
	@bash infra/venv.sh $(VENV)
	@touch $@

java:
	@bash infra/java.sh

demo: setup
	@$(PY) -m jobs demo --output $(DEMO)

test: setup
	@$(PY) -m pytest $(PYTEST_ARGS)

check: $(VENV)/.ready
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

# The extractor on the bench pages of ../shared against its pinned floors; nothing where they are not there.
gate: $(VENV)/.ready
	@$(PY) -m tests.gate $(GATE_ARGS)

bench: setup
	@$(PY) -m tests.bench $(BENCH_ARGS)
	@for source in $(SOURCES); do echo "== $$source"; $(PY) -m tests.bench.$$source $(PEERS_$$source) || exit 1; done

# Resolve the lock anew (needs uv). No addresses end up in the file.
lock:
	uv pip compile pyproject.toml --extra dev --extra peers --universal --python-version 3.11 $(LOCK_FLAGS) -q -o requirements.lock

clean:
	rm -rf $(VENV) $(DEMO) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
