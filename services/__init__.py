"""The programs of Ostinato; they meet only through `shared`, never by importing each other."""
