"""``python -m kvitto`` is the ``kvitto`` command."""

from kvitto.cli.main import main

if __name__ == "__main__":
    main()
