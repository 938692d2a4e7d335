"""Networks, their weights, and sampling on token ids and logits."""
