"""The first five minutes: a guided tour of the demo, through the ordinary collector, services and pages."""
