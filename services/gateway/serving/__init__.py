"""Which models the workers serve, and who may use which."""
