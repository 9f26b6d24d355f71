"""The room pki."""

__all__: list[str] = []
