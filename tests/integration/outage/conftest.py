"""Mills at work, as in the tests of the mill, for tests that take Redis away from them."""

import importlib.util
from pathlib import Path

_spec = importlib.util.spec_from_file_location("mill_at_work", Path(__file__).parents[1] / "mill" / "conftest.py")
_mill = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_mill)

fork, works, make_works, make_server = _mill.fork, _mill.works, _mill.make_works, _mill.make_server
