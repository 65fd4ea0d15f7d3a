"""Rules of our own, in two tables: those of the contract and those that are asked of every event."""
