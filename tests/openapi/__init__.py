"""The published descriptions of the REST interfaces, held against the interfaces by schemathesis."""
