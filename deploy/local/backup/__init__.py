"""Backup of a running stack, and its restoration into an empty state folder."""
