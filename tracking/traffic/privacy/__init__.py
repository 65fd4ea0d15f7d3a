"""What is hidden before anything of an event is stored, and by which pseudonym it is still counted."""
