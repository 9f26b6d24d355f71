"""The room testing."""

__all__: list[str] = []
