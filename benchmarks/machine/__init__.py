"""What the figures are measured on: the machine, its PostgreSQL, and the processor time of processes."""
