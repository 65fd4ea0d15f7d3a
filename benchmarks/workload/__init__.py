"""The work that is measured: real definitions, events of unequal shapes made from them, and what becomes of each."""
