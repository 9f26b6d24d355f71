"""Values about a person that must not slip into logs, tracebacks or error messages."""


class Private:
    """Shows its type only, whether by `repr`, `str` or in an f-string.

    A frozen dataclass that inherits from this says ``repr=False``, or it would write its own.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(not shown)"
