"""Blobs under a URL: a local folder, or whatever else fsspec speaks."""
