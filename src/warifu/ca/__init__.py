"""The room ca."""

__all__: list[str] = []
