"""Entry points of the child processes: one program for each kind of job."""
