"""Tests of the timestamp authority on the wire."""
