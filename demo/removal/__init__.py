"""Everything of the demo is removed again."""
