"""From an SDK over HTTP to a row of the inbox: wires, bounds, back-pressure, probes."""
