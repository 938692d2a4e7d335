"""Commands of the trainer: train, export and migrate."""
