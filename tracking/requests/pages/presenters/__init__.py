"""What the pages of requests show, worked out before a template sees it."""
