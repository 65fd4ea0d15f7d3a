"""A small project for the tests of the runtime."""
