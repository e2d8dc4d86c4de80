# Each command first installs what this machine lacks (see .ci/install); run again, that takes a second.

PYTHON ?= python3
export PYTHON

.PHONY: help demo run test bench quality format picture

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' $(MAKEFILE_LIST) | expand -t 16

demo:  ## the room on an invented city: http://127.0.0.1:8050
	@.ci/install demo
	@exec .venv/bin/python app.py demo $(ARGS)

run:  ## the room for real (read README first)
	@.ci/install demo
	@exec .venv/bin/python app.py run

test:  ## every check and every test
	@.ci/install test
	@exec .ci/test $(ARGS)

bench:  ## how fast the judge and the store are here
	@.ci/install test
	@exec .venv/bin/python -m tests.bench $(ARGS)

quality:  ## how well the judge judges: misses and false alarms over simulated days
	@.ci/install test
	@exec .venv/bin/python -m tests.quality $(ARGS)

format:  ## puts the code into its one form and mends what can be mended
	@.ci/install test
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

picture:  ## takes the README's picture from a running demo
	@.ci/install test
	@exec .venv/bin/python -m tests.picture
