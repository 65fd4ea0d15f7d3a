"""What happens between `make run` and the first greeting."""
