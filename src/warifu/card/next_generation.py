"""A card of the next generation out of the contents of one of today's: the same things, in two applications.

Modelled: entirely, see `warifu.cardmap.next_table`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from warifu.card.plan import FORMAT, MANAGER, NEXT_FORMAT_VERSION, PROFILE, name
from warifu.cardmap import (
    Application,
    CommonFile,
    JpkiFile,
    NextAuthenticationFile,
    NextFaceFile,
    ResidentFile,
    TextFile,
    VisualFile,
)

_JPKI, _TEXT, _VISUAL = Application.JPKI, Application.TEXT, Application.VISUAL

_AUTHENTICATION: Mapping[NextAuthenticationFile, tuple[Application, int]] = MappingProxyType(
    {
        NextAuthenticationFile.SIGNING_CERTIFICATE: (_JPKI, JpkiFile.SIGNING_CERTIFICATE),
        NextAuthenticationFile.SIGNING_CA_CERTIFICATE: (_JPKI, JpkiFile.SIGNING_CA_CERTIFICATE),
        NextAuthenticationFile.NUMBER: (_TEXT, TextFile.NUMBER),
        NextAuthenticationFile.ATTRIBUTES: (_TEXT, TextFile.ATTRIBUTES),
        NextAuthenticationFile.INTEGRITY: (_TEXT, TextFile.INTEGRITY),
        NextAuthenticationFile.TOKEN_INFO: (_JPKI, JpkiFile.TOKEN_INFO),
        NextAuthenticationFile.CERTIFICATE: (_TEXT, TextFile.CERTIFICATE),
        NextAuthenticationFile.CERTIFICATE_AVAILABILITY: (_JPKI, JpkiFile.CERTIFICATE_AVAILABILITY),
        NextAuthenticationFile.KEY: (_TEXT, TextFile.KEY),
        NextAuthenticationFile.AUTHENTICATION_CERTIFICATE: (_JPKI, JpkiFile.AUTHENTICATION_CERTIFICATE),
        NextAuthenticationFile.AUTHENTICATION_CA_CERTIFICATE: (_JPKI, JpkiFile.AUTHENTICATION_CA_CERTIFICATE),
        NextAuthenticationFile.RECORD_CODE: (Application.RESIDENT, ResidentFile.RECORD_CODE),
        NextAuthenticationFile.INTERNAL_KEY: (_TEXT, TextFile.INTERNAL_KEY),
        NextAuthenticationFile.TERMINAL_CA_KEY: (_JPKI, JpkiFile.TERMINAL_CA_KEY),
        NextAuthenticationFile.AUTHENTICATION_KEY: (_JPKI, JpkiFile.AUTHENTICATION_KEY),
        NextAuthenticationFile.PIN: (_JPKI, JpkiFile.AUTHENTICATION_PIN),
        NextAuthenticationFile.SIGNING_KEY: (_JPKI, JpkiFile.SIGNING_KEY),
        NextAuthenticationFile.SIGNING_PASSWORD: (_JPKI, JpkiFile.SIGNING_PASSWORD),
    }
)
_FACE: Mapping[NextFaceFile, tuple[Application, int]] = MappingProxyType(
    {
        NextFaceFile.AGE_RECORD: (_VISUAL, VisualFile.AGE_RECORD),
        NextFaceFile.FACE: (_VISUAL, VisualFile.FACE),
        NextFaceFile.INFO: (_VISUAL, VisualFile.INFO),
        NextFaceFile.CERTIFICATE: (_VISUAL, VisualFile.CERTIFICATE),
        NextFaceFile.NUMBER_IMAGE: (_VISUAL, VisualFile.NUMBER_IMAGE),
        NextFaceFile.NUMBER: (_TEXT, TextFile.NUMBER),
        NextFaceFile.ATTRIBUTES: (_TEXT, TextFile.ATTRIBUTES),
        NextFaceFile.INTEGRITY: (_TEXT, TextFile.INTEGRITY),
        NextFaceFile.CARD_RECORD: (Application.COMMON, CommonFile.CARD_RECORD),
        NextFaceFile.BIRTH_DATE: (_VISUAL, VisualFile.BIRTH_DATE),
        NextFaceFile.MATCHING_NUMBER_B: (_VISUAL, VisualFile.MATCHING_NUMBER_B),
        NextFaceFile.MATCHING_NUMBER_A: (_VISUAL, VisualFile.MATCHING_NUMBER_A),
        NextFaceFile.INTERNAL_KEY: (_VISUAL, VisualFile.INTERNAL_KEY),
    }
)
"""Where on today's card what stands in a file of the next one is. NextFaceFile.KEY has no counterpart there."""


def merged(contents: Mapping[str, bytes], face_key: bytes) -> dict[str, bytes]:
    """The contents of a next-generation card from those that today's would have.

    `face_key` is the image of the file that vouches for the internal key of the 券面等AP. What today's card has
    beyond is left out: the delivery of session keys, keys and PINs of other applications.
    """
    manager = {place: value for place, value in contents.items() if place.startswith(MANAGER + "/")}
    taken = {
        name(application, fid): contents[name(*source)]
        for application, sources in _SOURCES.items()
        for fid, source in sources.items()
        if name(*source) in contents
    }
    own_key = {name(Application.NEXT_FACE, NextFaceFile.KEY): face_key}
    return {FORMAT: NEXT_FORMAT_VERSION, PROFILE: contents[PROFILE]} | manager | taken | own_key


_SOURCES: Mapping[Application, Mapping[int, tuple[Application, int]]] = MappingProxyType(
    {
        Application.NEXT_AUTHENTICATION: {int(fid): source for fid, source in _AUTHENTICATION.items()},
        Application.NEXT_FACE: {int(fid): source for fid, source in _FACE.items()},
    }
)
