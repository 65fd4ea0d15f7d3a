"""The front: the event loop at the one address, which reads every request within bounds. Knows no app."""
