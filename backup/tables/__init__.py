"""Which tables belong to an installation, and how their rows leave and enter the database."""
