"""Which models the workers serve, why they do not serve others, and who may use which."""
