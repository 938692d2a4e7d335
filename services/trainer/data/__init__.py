"""Data sets: files of music parsed into arrays of notes, split, cached and tokenized."""
