"""The room cardmap."""

__all__: list[str] = []
