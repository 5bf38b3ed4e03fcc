"""``python -m robomem`` is the command line."""

from robomem.cli.main import main

if __name__ == "__main__":
    main()
