"""The demo company is set up and its story played through the ordinary services."""
