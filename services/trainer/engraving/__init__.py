"""engraving."""
