"""Child program of the trainer that parses an uploaded data set."""
