"""``python -m robomem`` is the command line."""

import sys

from robomem.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
