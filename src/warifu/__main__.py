"""`python -m warifu` is the command `warifu`."""

from warifu.cli import main

if __name__ == "__main__":
    main()
