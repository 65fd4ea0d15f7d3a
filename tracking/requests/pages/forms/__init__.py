"""Forms of requests: what people write, and how it becomes a definition document."""
