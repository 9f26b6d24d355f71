"""BER brought into DER: CMS that was written as a stream, with lengths that were not known yet (RFC 5652 §2.3)."""

from asn1crypto import cms

from warifu.errors import Malformed

__all__ = ["to_der"]

_COMPLAINTS = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


def to_der(data: bytes) -> bytes:
    """The same SignedData in DER; bytes behind it are an error.

    Raises:
        Malformed: it is none, not even in BER.
    """
    try:
        message = cms.ContentInfo.load(data, strict=True)
        if message["content_type"].native != "signed_data":
            raise Malformed("a CMS message of another kind than signed data")
        encoded: bytes = message.dump(force=True)
    except _COMPLAINTS as error:
        raise Malformed("not a CMS signature") from error
    return encoded
