"""The settings of the small project."""
