"""From a file to a working installation, in one transaction that ends verified or leaves nothing."""
