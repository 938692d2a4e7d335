"""What operators look at: the metrics of processes, and the usage of owners."""
