"""What pages are drawn from: words, colours, shapes and links; no HTTP and no database."""
