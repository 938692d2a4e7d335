"""Recipes in model cards."""
