"""Everything that changes the catalog."""
