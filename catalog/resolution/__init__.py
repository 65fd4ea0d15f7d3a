"""Which version an event is validated against, and its compiled contract."""
