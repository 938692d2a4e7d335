"""The services of Ostinato; they do not import each other."""
