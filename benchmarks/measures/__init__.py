"""The measures of `make bench`, one a module; `benchmarks/__main__.py` names them."""
