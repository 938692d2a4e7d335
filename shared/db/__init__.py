"""The truth: PostgreSQL behind one repository a noun; rows never leave this package."""
