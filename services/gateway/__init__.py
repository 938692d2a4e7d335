"""Gateway service: HTTP API, server-sent events, WebSocket. Does not import torch."""
