"""How a request comes to be written: by hand, from a document, an import or undocumented traffic."""
