"""Values that fit a schema: examples to show and to paste, candidates for counterexamples."""
