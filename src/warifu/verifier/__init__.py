"""The room verifier."""

__all__: list[str] = []
