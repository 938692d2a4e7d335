"""Evaluation report: tables, JSON and figures from the cards of versions."""
