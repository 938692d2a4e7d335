"""Deliverer of webhooks: claims, signs, sends and records."""
