"""Which models the workers serve, and why they do not serve others."""
