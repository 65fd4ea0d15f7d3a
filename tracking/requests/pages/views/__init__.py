"""Pages of requests and of QA."""
