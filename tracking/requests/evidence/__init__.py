"""What traffic shows of a change: recorded by the check, added up, compared with thresholds, replayed."""
