"""The room reader."""

__all__: list[str] = []
