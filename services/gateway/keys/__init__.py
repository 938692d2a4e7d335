"""API keys: authentication, the development key, and the command for keys."""
