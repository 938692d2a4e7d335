"""Trainer service: data import, training, evaluation, engraving."""
