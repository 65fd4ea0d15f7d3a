"""The lint: what a definition says that nobody checks, or that no event can ever meet."""
