"""The room idp."""

__all__: list[str] = []
