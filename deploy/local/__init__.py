"""The whole stack as child processes of one supervisor, without Docker and without root."""
