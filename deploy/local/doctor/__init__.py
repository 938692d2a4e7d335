"""`doctor`: checks that this machine has what the embedded stack needs."""
