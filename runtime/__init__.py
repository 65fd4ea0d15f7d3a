"""Runs Signalbook on one machine: the embedded PostgreSQL and the supervisor of web, worker and beat."""
