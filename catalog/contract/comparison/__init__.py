"""How two definitions differ, and whether what passed still passes."""
