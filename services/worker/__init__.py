"""Worker service: claims shards, generates them in batches, commits the results."""
