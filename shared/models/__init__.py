"""Neural nets, their weights, and sampling on ids and logits; no notes, no queues, no rows."""
