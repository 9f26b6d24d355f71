"""Random lives through all parties, against a model of the law."""
