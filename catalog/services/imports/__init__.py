"""Imports of other tools' dictionaries: runs, baselines, and where each definition came from."""
