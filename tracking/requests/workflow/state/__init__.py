"""State that is derived from deliveries after each step: of the request, and of the event in the catalog."""
