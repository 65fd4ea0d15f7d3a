"""Code to paste into an app, and JSON values as literals of its language."""
