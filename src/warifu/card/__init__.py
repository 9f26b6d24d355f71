"""The room card."""

__all__: list[str] = []
