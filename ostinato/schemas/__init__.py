"""The wire: frozen shapes of requests, answers, events, messages; nothing but validation."""
