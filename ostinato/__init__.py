"""What a user imports: the typed client and the `ostinato` command; both speak HTTP only."""
