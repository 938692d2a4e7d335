"""How Ostinato is brought up: containers, or `deploy.local` on a bare machine."""
