"""`python -m ostinato`: the same as the `ostinato` command."""

from ostinato.cli.app import app

if __name__ == "__main__":
    app()
