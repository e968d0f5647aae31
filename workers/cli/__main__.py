"""`python -m workers.cli`."""

import sys

from workers.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
