"""The whole installation in one file, and back: `manage.py backup` and `manage.py restore`.

It stands above all apps, since it is about the tables of all of them, and has no table itself.
"""
