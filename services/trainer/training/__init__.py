"""Training runs: batches, optimizer, trainer loop, checkpoints and initialization."""
