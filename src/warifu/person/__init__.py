"""The room person."""

__all__: list[str] = []
