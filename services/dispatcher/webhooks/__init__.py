"""Deliverer of webhooks: claims due deliveries, signs and sends them, and records the results."""
