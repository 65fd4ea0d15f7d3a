"""Importers, one a format."""
