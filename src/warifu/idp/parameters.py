"""The parameters of a request, before anything is believed about them."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from warifu.errors import Malformed, OAuthRefused
from warifu.idp.profile import Limit


class Parameters:
    """Names and values of a query or a form, in the order they came; values stay out of the representation.

    A parameter without a value counts as left out, one given twice is an error, unknown ones are never looked at.
    Source: RFC 6749 §3.1, §3.2.
    """

    MAX_COUNT = 64

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            if value:
                self._values.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        return f"Parameters({', '.join(sorted(self._values))})"

    @classmethod
    def decode(cls, text: bytes) -> "Parameters":
        """Read ``application/x-www-form-urlencoded`` bytes.

        Raises:
            Malformed: not ASCII, a broken escape that hides non-UTF-8 bytes, or more than 64 parameters.
        """
        try:
            pairs = parse_qsl(
                text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=cls.MAX_COUNT
            )
        except ValueError as error:
            raise Malformed("parameters are not form-encoded UTF-8") from error
        return cls(pairs)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every name with every value, to be kept."""
        return tuple((name, value) for name, values in self._values.items() for value in values)

    def given(self, name: str) -> bool:
        """Whether it has a value, or several."""
        return name in self._values

    def find(self, name: str) -> str | None:
        """The value, or None if it was left out.

        Raises:
            OAuthRefused: ``invalid_request``, given more than once.
        """
        values = self._values.get(name, [])
        if len(values) > 1:
            raise OAuthRefused("invalid_request", f"parameter given more than once: {name}")
        return values[0] if values else None

    def read(self, name: str) -> str:
        """The value of a required parameter.

        Raises:
            OAuthRefused: ``invalid_request``, missing or given more than once.
        """
        value = self.find(name)
        if value is None:
            raise OAuthRefused("invalid_request", f"parameter missing: {name}")
        return value

    def find_within(self, name: str, limit: Limit) -> str | None:
        """Like `find`, and the value must fit `limit`.

        Raises:
            OAuthRefused: ``invalid_request``, too long or a character outside the alphabet.
        """
        value = self.find(name)
        if value is not None and not limit.fits(value):
            raise OAuthRefused("invalid_request", f"parameter too long or malformed: {name}")
        return value

    def read_within(self, name: str, limit: Limit) -> str:
        """Like `read`, and the value must fit `limit`.

        Raises:
            OAuthRefused: ``invalid_request``, missing, repeated, too long or malformed.
        """
        self.read(name)
        value = self.find_within(name, limit)
        assert value is not None
        return value
