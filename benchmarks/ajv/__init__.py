"""ajv in Node, installed by npm into a temporary folder for the time of a run."""
