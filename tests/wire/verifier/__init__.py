"""Tests of the verifier as a service."""
