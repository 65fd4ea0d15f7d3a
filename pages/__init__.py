"""How every page is made: lists that filter, sort, page and export; answers whole or as a fragment. No domain."""
