"""The door: HTTP, WebSocket and server-sent events over PostgreSQL; it never touches a tensor."""
