"""How two definitions differ, and whether what was valid stays valid."""
