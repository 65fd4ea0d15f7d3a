"""Everything that changes a request, a delivery or what hangs on them."""
