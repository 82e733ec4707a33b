"""python -m pixattest → the command line."""

from pixattest.cli import main

if __name__ == "__main__":
    main()
