"""Notes to token ids and back, and the grammar of each vocabulary; no networks, no queues."""
