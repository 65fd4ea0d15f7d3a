"""The file: a ZIP archive of one member a table and a manifest. Knows no database."""
