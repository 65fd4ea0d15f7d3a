"""The way of a request: its steps, who may take them, what they need, and everything that they write."""
