"""Benches: each module measures one job against its physical limit in the same run (`make bench`)."""
