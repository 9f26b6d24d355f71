"""Tests of the operator's page without a browser."""
