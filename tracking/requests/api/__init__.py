"""Requests and deliveries over the API."""
