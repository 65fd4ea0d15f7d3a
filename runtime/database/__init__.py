"""The embedded PostgreSQL: binaries, data, server, and databases that live for one command."""
