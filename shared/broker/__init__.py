"""Redis: task queues and event streams. PostgreSQL can restore all of it."""
