"""Files of other tools to JSON values: strict, bounded, with a sentence for every refusal."""
