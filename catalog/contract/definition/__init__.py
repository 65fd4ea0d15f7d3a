"""Definition documents: their members, their problems, and how a first one is inferred from events."""
