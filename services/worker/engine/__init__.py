"""The sampling engine: sequences in, token ids out; it knows no jobs, queues, rows or notes."""
