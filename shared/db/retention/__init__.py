"""Deletion of jobs, melodies and primers, on request and at the end of their lifetimes."""
