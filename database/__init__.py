"""Django's PostgreSQL with one thing more: waits that end, by the client's own clock. Knows no app."""
