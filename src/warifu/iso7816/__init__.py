"""The room iso7816."""

__all__: list[str] = []
