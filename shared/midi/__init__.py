"""MIDI files: writing, provenance receipts, and inspection of untrusted files."""
