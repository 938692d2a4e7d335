"""The files of melodies: new ones, and those that continue or change a primer."""
