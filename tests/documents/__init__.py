"""Tests of signed documents."""
