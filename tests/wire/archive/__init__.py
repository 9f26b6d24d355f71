"""Tests of archives verified again and again."""
