"""Importers: the files of other tools in, definition documents and a full account of every entry out."""
