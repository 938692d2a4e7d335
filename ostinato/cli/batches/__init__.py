"""`ostinato batch`, `ostinato batches`, `generate` with many melodies."""
