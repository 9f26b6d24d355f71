"""The room wire."""

__all__: list[str] = []
