"""Rows of the trainer's jobs: one repository per resource."""
