"""How every page is made: its parts and their looks; lists that filter, sort, page and export. No domain."""
