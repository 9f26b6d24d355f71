"""The reader: against a scripted connection, the software card, and with --reader a real card."""
