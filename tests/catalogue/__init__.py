"""The catalogue of refusals: one thing a rule, spoiled in one way, and what comes out."""
