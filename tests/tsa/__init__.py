"""Tests of the timestamp authority."""
