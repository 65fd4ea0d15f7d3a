"""Template libraries of the whole product."""
