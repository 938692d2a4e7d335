"""What is wrong with a running stack, in plain words."""
