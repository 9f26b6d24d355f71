"""The file that evidence travels in: what was seen, the verifier's signature over it, and a record that it is old.

A ZIP archive that any tool opens, written in one way only:

``manifest.json``   what the bundle is about: digests of the document and of each part, moment, the verifier's key
``manifest.sig``    the verifier's signature over ``manifest.json`` (RSA with SHA-256, or P-384 with SHA-384)
``evidence.ers``    an evidence record over the manifest, its signature and each part (RFC 4998)
everything else     the parts: report, certificates, revocation data, what each signature was made over

Digests are told by two families of hash functions at once, SHA-2 and SHA-3, so that the fall of one leaves the other.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from warifu.errors import Malformed, Tampered, WrongProfile, WrongSignature
from warifu.pki import check_signature_by, read_public_key
from warifu.ports import Signer

__all__ = ["Bundle", "Digests"]

_VERSION = 1
_MANIFEST, _SIGNATURE, _RECORD = "manifest.json", "manifest.sig", "evidence.ers"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}(?:/[a-z0-9][a-z0-9.-]{0,100})?\Z")
_MOST_PARTS = 2_000
_LARGEST = 256 * 1024 * 1024
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Digests:
    """What identifies data for a long time: two digests that have nothing in common, and the length."""

    sha512: bytes
    sha3_512: bytes
    size: int

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Those of some data."""
        return cls(hashlib.sha512(data).digest(), hashlib.sha3_512(data).digest(), len(data))

    def check(self, data: bytes, what: str) -> None:
        """Check that they are those of `data`.

        Raises:
            Tampered: they are not; `what` says what the data should have been.
        """
        if self != self.of(data):
            raise Tampered(f"{what} is not what the evidence is about")

    def told(self) -> dict[str, Any]:
        """For the manifest."""
        return {"sha512": self.sha512.hex(), "sha3-512": self.sha3_512.hex(), "size": self.size}

    @classmethod
    def read(cls, told: Any) -> Self:
        """From the manifest; anything wrong shows when it is written again."""
        return cls(bytes.fromhex(told["sha512"]), bytes.fromhex(told["sha3-512"]), int(told["size"]))


@dataclass(frozen=True, slots=True)
class Bundle:
    """Evidence about one document, signed by whoever verified it.

    `content` is there when the signature is a file beside what it signs, which then is that. `verifier` is the DER
    SubjectPublicKeyInfo of the verifier's key, `signature` its signature over `manifest`. `withheld` are the SHA-256 of
    revocation data that stay with the verifier (公的個人認証法 第52条, 第53条), `record` is an encoded evidence record,
    or None while there is none.
    """

    made_at: datetime
    document: Digests
    parts: Mapping[str, bytes] = field(repr=False)
    verifier: bytes = field(repr=False)
    withheld: tuple[bytes, ...] = field(default=(), repr=False)
    content: Digests | None = None
    signature: bytes = field(default=b"", repr=False)
    record: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if len(self.parts) > _MOST_PARTS or not all(_NAME.match(name) for name in self.parts):
            raise Malformed(f"a bundle has at most {_MOST_PARTS} parts, with plain names")
        if self.parts.keys() & {_MANIFEST, _SIGNATURE, _RECORD}:
            raise Malformed("a part has a name that the bundle itself uses")
        if len(set(self.parts.values())) != len(self.parts):
            raise Malformed("a bundle holds the same part twice")

    @property
    def manifest(self) -> bytes:
        """What the verifier signs: UTF-8 JSON, members sorted, no white space."""
        members = {
            "version": _VERSION,
            "made_at": self.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "document": self.document.told(),
            "content": None if self.content is None else self.content.told(),
            "parts": {name: Digests.of(part).told() for name, part in self.parts.items()},
            "verifier": self.verifier.hex(),
            "withheld": [digest.hex() for digest in self.withheld],
        }
        return json.dumps(members, separators=(",", ":"), sort_keys=True).encode()

    @property
    def objects(self) -> tuple[bytes, ...]:
        """What the evidence record is about."""
        return (self.manifest, self.signature, *self.parts.values())

    def signed(self, signer: Signer) -> Self:
        """The bundle with the signature of the key that it names.

        Raises:
            Malformed: the bundle names another key.
            Unavailable: the key's holder does not answer.
        """
        if signer.public_key_info != self.verifier:
            raise Malformed("the bundle names another verifier's key")
        return replace(self, signature=signer.sign(self.manifest))

    def recorded(self, record: bytes) -> Self:
        """The bundle with another evidence record."""
        return replace(self, record=record)

    def check_signature(self) -> None:
        """Check that the key it names signed it; whose key that is, is another question.

        Raises:
            WrongSignature: it did not, or no key of a kind that verifiers use.
        """
        try:
            key = read_public_key(self.verifier)
        except (Malformed, WrongProfile) as error:
            raise WrongSignature("the bundle names no key that a verifier may use") from error
        check_signature_by(key, self.signature, self.manifest)

    def encode(self) -> bytes:
        """The archive: the same bundle gives the same bytes."""
        files = {_MANIFEST: self.manifest, _SIGNATURE: self.signature, **dict(sorted(self.parts.items()))}
        if self.record is not None:
            files[_RECORD] = self.record
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as writer:
            for name, content in files.items():
                entry = zipfile.ZipInfo(name, _DATE)
                # What zipfile would otherwise take from the machine.
                entry.create_system, entry.external_attr = 3, 0o600 << 16
                writer.writestr(entry, content)
        return archive.getvalue()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read an archive: its form, and that the parts are those of the manifest; no signature is verified.

        Raises:
            Malformed: no bundle, of another version, too large, or a byte more or otherwise than `encode` writes.
            Tampered: a part is not the one the manifest lists.
        """
        if len(data) > _LARGEST:
            raise Malformed(f"a bundle has at most {_LARGEST} bytes")
        try:
            files = _files(data)
            read = cls._read(json.loads(files.pop(_MANIFEST)), files)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, NotImplementedError) as error:
            raise Malformed("not a bundle of evidence") from error
        if read.encode() != data:
            raise Malformed("not a bundle of evidence as it is written")
        return read

    @classmethod
    def _read(cls, told: Any, files: dict[str, bytes]) -> Self:
        if told["version"] != _VERSION:
            raise Malformed("a bundle of another version")
        signature, record = files.pop(_SIGNATURE), files.pop(_RECORD, None)
        if told["parts"].keys() != files.keys():
            raise Tampered("the bundle's parts are not those of its manifest")
        for name, part in files.items():
            Digests.read(told["parts"][name]).check(part, name)
        return cls(
            made_at=datetime.strptime(told["made_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
            document=Digests.read(told["document"]),
            parts=files,
            verifier=bytes.fromhex(told["verifier"]),
            withheld=tuple(map(bytes.fromhex, told["withheld"])),
            content=None if told["content"] is None else Digests.read(told["content"]),
            signature=signature,
            record=record,
        )


def _files(data: bytes) -> dict[str, bytes]:
    """What an archive of stored files holds.

    Raises:
        Malformed: too many, packed, or larger together than the archive itself.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_PARTS + 3 or sum(entry.file_size for entry in entries) > len(data):
                raise Malformed("a bundle with too many parts, or too large ones")
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise Malformed("a bundle's parts are stored, not packed")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError) as error:
        # RuntimeError: a part that says it is encrypted.
        raise Malformed("not a bundle of evidence") from error
