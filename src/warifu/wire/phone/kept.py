"""What the phone's server keeps between two requests, by the secret in a cookie: in memory, and not for long."""

from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from starlette.requests import Request

__all__ = ["COOKIE", "Kept", "secret_of"]

COOKIE: Final = "visit"
MOST: Final = 500


class _Passing(Protocol):
    """Something that ends."""

    def over(self, now: datetime) -> bool:
        """Whether nobody will come for it any more."""
        ...


_T = TypeVar("_T", bound=_Passing)


class Kept(Generic[_T]):
    """Things by the secret in their cookie; the oldest make room."""

    def __init__(self) -> None:
        self._kept: dict[str, _T] = {}

    def add(self, secret: str, thing: _T) -> None:
        """Keep one more."""
        while len(self._kept) >= MOST:
            self.drop(next(iter(self._kept)))
        self._kept[secret] = thing

    def find(self, secret: str, now: datetime) -> _T | None:
        """The thing with this cookie, unless it is over."""
        thing = self._kept.get(secret)
        if thing is not None and thing.over(now):
            self.drop(secret)
            return None
        return thing

    def drop(self, secret: str) -> None:
        """Forget one."""
        self._kept.pop(secret, None)

    def sweep(self, now: datetime) -> None:
        """Look at each one, because nobody may come by for it."""
        for secret in list(self._kept):
            self.find(secret, now)


def secret_of(request: Request) -> str:
    """What this browser's cookie says."""
    return request.cookies.get(COOKIE, "")
