"""Hostile input, made from real events by chance and from the values that broke programs before."""
