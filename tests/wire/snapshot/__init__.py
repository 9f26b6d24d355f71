"""Tests of status snapshots."""
