"""Tests of the house itself: contracts, wheel, portability, README."""
