"""Steps: the table of transitions, their context, inputs, permissions and results."""
