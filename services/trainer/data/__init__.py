"""Data sets: music files parsed into note arrays, split, cached and tokenized."""
