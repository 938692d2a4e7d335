"""The keeper of promises: what was accepted is published, what was abandoned is queued again."""
