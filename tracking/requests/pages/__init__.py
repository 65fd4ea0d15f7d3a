"""Pages of requests, deliveries and QA: forms, presenters, views."""
