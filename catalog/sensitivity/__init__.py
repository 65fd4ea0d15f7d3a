"""How sensitive the values of a version are: by its definition, by the words kept with it, and by the library today."""
