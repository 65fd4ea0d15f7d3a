"""What the pages of requests show, computed before the templates render it."""
