"""The store in plain Python: the specification of `workers/lua` that runs, for unit tests."""
