"""The ceremonies at which the authorities' keys are made: two persons, and a record of what was done.

The record is a file: who was there, when, and the fingerprint of every key and certificate made. Each new key signs it,
and it names the digest of the record before, so that none can be added, changed or left out later. Both persons write
its own digest down; with that, the file proves itself.

Wire: ``ceremony-0001.json``, UTF-8 JSON with sorted members: `version` 1, `number`, `what` (``init`` or ``roll``),
`at` (seconds since 1970), `organization`, `specimen`, `persons`, `made` (a list of `name`, `key` (SHA-256 of the
SubjectPublicKeyInfo), `public_key_info` (base64), `certificate` (SHA-256, or empty), `place` (``sealed file`` or
``token``)), `previous` (SHA-256 of the record before, or empty), and `signatures`: for each of `made`, base64 over the
record without `signatures`.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import load_der_public_key

from warifu.errors import InUse, Malformed, RecordAltered
from warifu.messages import json as strict_json
from warifu.pki import AuthorityName, CertificateKind
from warifu.ports import SignatureAlgorithm, Signer
from warifu.wire.authority.custody import Custodian, set_up_custody
from warifu.wire.authority.generations import LOG, Generations, KeyMaker

__all__ = ["Ceremony", "check_ceremonies", "hold_first", "hold_roll_over", "hold_specimen"]


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A ceremony's record as it stands in its file, and its digest for both persons to write down."""

    record: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class _Made:
    name: str
    signer: Signer
    certificate: bytes
    place: str

    def members(self) -> dict[str, str]:
        key = self.signer.public_key_info
        certificate = hashlib.sha256(self.certificate).hexdigest() if self.certificate else ""
        return {
            "name": self.name,
            "key": hashlib.sha256(key).hexdigest(),
            "public_key_info": strict_json.to_base64(key),
            "certificate": certificate,
            "place": self.place,
        }


def hold_first(
    folder: Path,
    custodians: Sequence[Custodian],
    name: AuthorityName,
    now: datetime,
    *,
    addresses: Mapping[str, str] | None = None,
    algorithm: SignatureAlgorithm = "RS256",
    specimen: bool = False,
) -> Ceremony:
    """Make the first generation of both authorities and the log's key, in a new folder, all or nothing.

    Raises:
        InUse: there is something in the folder already.
        NotAllowed: not two persons, passphrases that will not do, or J-LIS's name.
        Unavailable, PinRefused: the token is not there, or did not accept the PIN.
    """
    if folder.exists():
        raise InUse(f"there is something at {folder} already; nothing was written")
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}."))
    try:
        maker = KeyMaker(set_up_custody(place, custodians), addresses or {}, algorithm)
        made = [_generation(Generations(place), kind, maker, name, 1, now) for kind in CertificateKind]
        made.append(_Made(LOG, maker.make(place, LOG, LOG, "ES256"), b"", _place(maker, LOG)))
        ceremony = _record(place, "init", made, [each.name for each in custodians], name, now, specimen=specimen)
        place.rename(folder)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return ceremony


def hold_specimen(custodians: Sequence[Custodian], name: AuthorityName, now: datetime) -> Ceremony:
    """The same with keys that are thrown away, to see what it will be like; nothing is kept.

    Raises:
        NotAllowed: as `hold_first`.
    """
    specimen = AuthorityName(organization=f"{name.organization}-SPECIMEN")
    with tempfile.TemporaryDirectory() as folder:
        return hold_first(Path(folder) / "specimen", custodians, specimen, now, specimen=True)


def hold_roll_over(
    generations: Generations, kind: CertificateKind, maker: KeyMaker, name: AuthorityName, serial: int, now: datetime
) -> Ceremony:
    """Make the next generation of one authority: a new key under the same name. The generations before stay.

    Raises:
        InUse, PassphraseRefused, Unavailable, PinRefused, NotAllowed: as `Generations.found`.
    """
    persons = [] if maker.custody is None else list(maker.custody.names)
    made = [_generation(generations, kind, maker, name, serial, now)]
    return _record(generations.folder, "roll", made, persons, name, now, specimen=False)


def check_ceremonies(generations: Generations) -> int:
    """Check every record of a ceremony, and that every certificate in the folder was made at one; how many there are.

    Raises:
        RecordAltered: a record was changed, added or removed, or a certificate has no ceremony.
        Malformed: a file is no such record.
    """
    previous, known = "", set[str]()
    paths = _paths(generations.folder)
    for number, path in enumerate(paths, 1):
        data = path.read_bytes()
        record = _read(path, data)
        if (record["number"], record["previous"]) != (number, previous):
            raise RecordAltered(1)
        _check_signatures(record)
        known |= {each["certificate"] for each in record["made"]}
        previous = hashlib.sha256(data).hexdigest()
    certificates = (generations.certificate(kind, number) for kind, number in generations.names())
    unknown = {hashlib.sha256(der).hexdigest() for der in certificates} - known
    if unknown:
        raise RecordAltered(len(unknown))
    return len(paths)


def _generation(
    generations: Generations, kind: CertificateKind, maker: KeyMaker, name: AuthorityName, serial: int, now: datetime
) -> _Made:
    made = generations.found(kind, maker, name, serial, now)
    stem = f"{kind.value}-{made.number}"
    return _Made(stem, made.issuer.signer, made.issuer.certificate_der, _place(maker, kind.value))


def _place(maker: KeyMaker, what: str) -> str:
    return "token" if what in maker.addresses else "sealed file"


def _record(
    folder: Path,
    what: str,
    made: Sequence[_Made],
    persons: Sequence[str],
    name: AuthorityName,
    now: datetime,
    *,
    specimen: bool,
) -> Ceremony:
    before = _paths(folder)
    record: dict[str, Any] = {
        "version": 1,
        "number": len(before) + 1,
        "what": what,
        "at": int(now.timestamp()),
        "organization": name.organization,
        "specimen": specimen,
        "persons": list(persons),
        "made": [each.members() for each in made],
        "previous": hashlib.sha256(before[-1].read_bytes()).hexdigest() if before else "",
    }
    signed = _encode(record)
    record["signatures"] = [strict_json.to_base64(each.signer.sign(signed)) for each in made]
    data = _encode(record)
    (folder / f"ceremony-{record['number']:04}.json").write_bytes(data)
    return Ceremony(record, hashlib.sha256(data).hexdigest())


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("ceremony-*.json"))


def _encode(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def _read(path: Path, data: bytes) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(data)
        good = _encode(record) == data and record["version"] == 1 and len(record["signatures"]) == len(record["made"])
    except (ValueError, KeyError, TypeError):
        good, record = False, {}
    if not good:
        raise Malformed(f"{path} is no record of a ceremony")
    return record


def _check_signatures(record: Mapping[str, Any]) -> None:
    signed = _encode({name: value for name, value in record.items() if name != "signatures"})
    for made, signature in zip(record["made"], record["signatures"], strict=True):
        try:
            _verify(strict_json.from_base64(made["public_key_info"]), strict_json.from_base64(signature), signed)
        except (InvalidSignature, Malformed, ValueError):
            raise RecordAltered(1) from None


def _verify(public_key_info: bytes, signature: bytes, data: bytes) -> None:
    key = load_der_public_key(public_key_info)
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), SHA256())
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(SHA384() if key.curve.name == "secp384r1" else SHA256()))
    else:
        raise Malformed("a ceremony makes RSA, P-256 and P-384 keys")
