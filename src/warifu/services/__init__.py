"""The room services."""

__all__: list[str] = []
