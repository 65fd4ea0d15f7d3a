"""The pages of the room home."""
