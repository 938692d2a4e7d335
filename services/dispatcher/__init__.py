"""Dispatcher: outbox relay, lease reaper, deadlines, retention."""
