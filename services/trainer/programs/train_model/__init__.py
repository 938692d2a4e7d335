"""Child program of the trainer that trains one version."""
