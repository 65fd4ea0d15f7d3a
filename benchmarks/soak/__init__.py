"""The soak: a real installation under kills, faults, slow clients and hostile input at once, and what became of it.

`make soak` runs one part of it; `progress` keeps what all parts have reached.
"""
