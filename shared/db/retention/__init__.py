"""Deletion on request and at the end of a lifetime, and how much is stored."""
