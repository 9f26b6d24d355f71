"""Tests of what an authority makes in bulk."""
