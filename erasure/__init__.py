"""Erases what is kept of one subject: a user or a device, by the id under which SDKs send their events."""
