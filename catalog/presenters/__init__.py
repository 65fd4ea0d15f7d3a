"""What the pages of the catalog show, worked out before a template sees it."""
