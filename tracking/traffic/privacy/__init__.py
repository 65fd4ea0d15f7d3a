"""What is hidden of an event before anything of it is stored, and the pseudonyms by which it is still counted."""
