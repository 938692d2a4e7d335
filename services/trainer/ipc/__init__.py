"""Protocol between the trainer service and its child processes."""
