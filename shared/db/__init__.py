"""PostgreSQL: the source of truth. One repository per resource; rows stay inside this package."""
