"""Tests of the window's pages without a browser."""
