"""How sensitive the values of a version are: by its definition, by what was kept with it, and by the library today."""
