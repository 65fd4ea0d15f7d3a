"""JSON itself: parsing, pointers, equality, text and storage. Knows no schema and no event."""
