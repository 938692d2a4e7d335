"""The player: claims shards, samples them on the engine, commits melodies; it never speaks HTTP."""
