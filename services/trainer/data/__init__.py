"""From folders of music to pieces of notes; no tokens, no tensors."""
