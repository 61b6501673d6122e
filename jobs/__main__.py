"""`python -m jobs` is `gristmill`."""

from jobs.cli import main

if __name__ == "__main__":
    main()
