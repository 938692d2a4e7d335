"""Notes to token ids and back, and the grammar of each tokenizer."""
