"""The room cli."""

__all__: list[str] = []
