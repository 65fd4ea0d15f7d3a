"""Pages above all apps: home, search and style guide."""
