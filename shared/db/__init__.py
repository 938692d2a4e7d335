"""PostgreSQL: one repository per resource; rows stay inside this package."""
