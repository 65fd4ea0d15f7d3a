"""One step: the table of all of them, what a step is given, what it asks for, and who may take it."""
