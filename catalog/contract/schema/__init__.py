"""JSON Schema: how it nests, its closed reading, its complexity, and the validator behind it."""
