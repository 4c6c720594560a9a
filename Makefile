# make ask [Q="…"]   answer a question from the sample articles      make ui     serve the web page
# make test [ARGS=…]  every test, or those of tests/test_x.py        make lint   style, types and generated docs
# make docs          write what docs/ takes from the code            make site   build docs/ as a site, into site/
# make wheel         build the distribution                          make sbom   list what is installed in dist/sbom.json
# make test-offline  watch from outside, for a minute and a half, that nothing leaves the machine (Linux)
# make test-long     what takes minutes; LONG=0.1 does a tenth
# make bench         whether anything has become slower than what bench/baseline.json keeps; WRITE=1 keeps new figures
# make locked        install by hash (Linux x86-64, Python 3.11)     make lock   write requirements.lock

export RAG_INDEX := index
PYTHON ?= python3
Q ?= Why did Iraq call for ending the coalition?
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install -c constraints.txt

LONG ?= 1
ARGS ?=
WRITE ?=

.PHONY: ask ui test test-long test-offline bench lint docs site wheel sbom lock locked clean

ask: index/CURRENT
	@$(BIN)/rag ask "$(Q)"

ui: index/CURRENT
	@$(BIN)/python ui.py

test: .venv/test
	@$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),-n 3 --dist loadfile --no-loadscope-reorder --durations=40)

test-long: .venv/test
	@LONG=$(LONG) $(BIN)/python -m pytest -m long -n 2 --dist loadfile --no-loadscope-reorder

test-offline: .venv/test
	@$(BIN)/python -m tests.support.offline

bench: .venv/test
	@$(BIN)/python bench/ratios.py $(if $(WRITE),--write)

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check

docs: .venv/installed
	$(BIN)/python docs/generate.py

site: .venv/test
	$(BIN)/zensical build --strict --clean

wheel: .venv/test
	$(BIN)/python -m build --outdir dist

sbom: .venv/test
	@test -x $(BIN)/cyclonedx-py || $(PIP) --editable '.[supply]'
	@mkdir -p dist
	@$(BIN)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --of JSON -o dist/sbom.json

# torch is left out: machines bring builds of their own of one version, and each has a digest of its own.
# So is rfc3987-syntax: nothing needs it, and where it is installed Chroma takes 1.3 s longer to load.
lock: .venv/test
	@$(PIP) --editable '.[supply]'
	@(echo "# The digests of constraints.txt, torch and rfc3987-syntax left out; written by: make lock"; \
	$(BIN)/uv pip compile --quiet --no-config --system-certs --default-index https://pypi.org/simple --no-deps \
	    --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-package torch \
	    --no-emit-package rfc3987-syntax constraints.txt \
	) > requirements.lock.new
	@mv requirements.lock.new requirements.lock

locked: pyproject.toml constraints.txt requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps --only-binary :all: \
	    -r requirements.lock
	@$(PIP) torch
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	@touch .venv/installed .venv/test

clean:
	rm -rf .venv build dist index/CURRENT index/generation-* index/*.lock index/*.txt

index/CURRENT: .venv/installed $(wildcard seeds/*.md)
	@$(BIN)/rag sync seeds/
	@touch $@

.venv/installed: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) torch
	@$(PIP) --editable '.[documents]'
	@touch $@

.venv/test: .venv/installed
	@$(PIP) --editable '.[test]'
	@touch $@
