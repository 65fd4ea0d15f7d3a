"""Tests of profiles of events."""
