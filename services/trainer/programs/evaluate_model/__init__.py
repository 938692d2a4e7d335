"""Child program of the trainer that evaluates a version."""
