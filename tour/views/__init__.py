"""The pages of the tour."""
