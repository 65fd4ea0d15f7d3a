"""A made-up catalog of any size, for measuring and for trying what a large one is like."""
