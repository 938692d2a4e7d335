"""The embedded stack: all services as child processes, without Docker or root."""
