"""API keys: authentication, the development key, the command for keys."""
