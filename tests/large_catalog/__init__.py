"""Tests of the catalog that is made for trials of size."""
