"""From a row of the inbox to verdicts, counts, samples and what recorders keep."""
