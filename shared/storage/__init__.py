"""Storage of uploaded files, and the checks that an uploaded zip must pass."""
