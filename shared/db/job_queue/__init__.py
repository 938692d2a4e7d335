"""The queue in PostgreSQL: submission in fair order, claims, leases, results."""
