"""Pages and fragments of traffic: test events, what arrived last."""
