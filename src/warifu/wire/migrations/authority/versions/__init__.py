"""The versions of the certification authorities' record."""
