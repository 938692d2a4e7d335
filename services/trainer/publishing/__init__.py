"""Publishing: checkpoint folders, their cards, and the registration of versions."""
