"""python -m pixattest → the command line."""

import gc

# Imports make much that stays; looking through it for garbage would take a sixth of a short run.
gc.disable()

from pixattest.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
