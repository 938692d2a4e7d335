"""API keys: authentication, the development key, and the command that manages keys."""
