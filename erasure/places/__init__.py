"""Where a subject's data lies: a function for each place, which erases it there and returns what it erased, counted.

All are called inside the one transaction of a pass, which holds the maintenance lock alone.
"""
