"""Jobs of the trainer: one runner per queue, one handler per kind of job."""
