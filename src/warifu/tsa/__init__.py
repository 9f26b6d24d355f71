"""The timestamp authority (時刻認証局): says that a digest existed at a moment.

In life these are businesses that the Minister for Internal Affairs and Communications accredited. It holds the key of
its timestamp unit and a clock that others keep true. It sees digests, never what they are of, and learns nothing about
who asks. It talks to whoever has a digest (RFC 3161).

This room decides; the moment and the serial number are given to it.
"""

from warifu.tsa.authority import TimestampAuthority

__all__ = ["TimestampAuthority"]
