"""From a definition and an event to a verdict with every violation."""
