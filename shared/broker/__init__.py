"""The hints: queue names, sending by name, the event streams in Redis; none of it is the truth."""
