"""Importers: from files of other tools to definition documents, with a result for every entry."""
