"""Evaluation: held-out likelihood, quality of samples, and the report on both."""
