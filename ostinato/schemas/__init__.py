"""Public API schemas: frozen pydantic models of requests, responses and events."""
