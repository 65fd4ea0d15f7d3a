"""The data of the catalog's pages, prepared for templates."""
