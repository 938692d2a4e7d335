"""Recipes: the complete configuration of a training run."""
