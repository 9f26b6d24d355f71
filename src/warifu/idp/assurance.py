"""How sure a login is, and by what means: what an ID token may truthfully say about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assurance:
    """Of one login: the level reached and the methods used. Wire: claims ``acr`` and ``amr``.

    Only methods that the provider can know of are named. Source: OpenID Connect Core 1.0 §2, RFC 8176 §2.
    """

    acr: str
    amr: tuple[str, ...]
