"""The `ostinato` command: a terminal interface to the client."""
