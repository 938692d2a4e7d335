"""`ostinato batch`, `ostinato batches`, and `ostinato generate` with many melodies."""
