"""Evidence of one checked batch: added up in memory, then written inside the transaction of its counts."""
