"""Webhooks: the URLs that receive events of jobs, and the deliveries to them."""
