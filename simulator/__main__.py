"""`python -m simulator` does what `backorder` does."""

from simulator.cli.main import main

if __name__ == "__main__":
    main()
