"""The room town."""

__all__: list[str] = []
