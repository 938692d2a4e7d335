"""Redis: task queues and event streams. Everything in it can be rebuilt from PostgreSQL."""
