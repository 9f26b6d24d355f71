"""The room chip."""

__all__: list[str] = []
