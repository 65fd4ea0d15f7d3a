"""How the cost of a check grows with the catalog, the events, their faults and the sources."""
