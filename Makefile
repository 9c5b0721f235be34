# Everything runs in the environment that bootstrap.py makes; `make check` is what CI runs.
dev = python3 bootstrap.py --dev

.PHONY: check format schema golden bench contract

check:
	$(dev) pytest

format:
	$(dev) ruff check --fix-only --quiet .
	$(dev) ruff format --quiet .

# Write down what new databases are made of, after a migration was added.
schema:
	$(dev) python -c "from feedhub.store.migrations import newest; print(newest(), end='')" > src/feedhub/store/newest.sql

# Publish the shipped feeds again after a deliberate change of what is published.
golden:
	rm -rf var feeds/published
	python3 bootstrap.py feedhub refresh

bench:
	$(dev) python bench/refresh.py
	$(dev) python bench/parse.py
	$(dev) python bench/store.py
	$(dev) python bench/tags.py

# The contract of the fast parser on 10,000 fresh mutations of real feeds.
contract:
	$(dev) python bench/parse.py --contract 10000
