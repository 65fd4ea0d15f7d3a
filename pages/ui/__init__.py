"""Rendering helpers of pages: labels, colours, shapes and links; no HTTP and no database."""
