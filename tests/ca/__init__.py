"""The certification authorities."""
