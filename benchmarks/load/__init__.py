"""The load generator: posts requests to a server from a process of its own, which knows no Django."""
