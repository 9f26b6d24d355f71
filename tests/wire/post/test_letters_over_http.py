"""Letters between machines: only what a known party signed, lately, for us; and only its recipient settles it."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from starlette.testclient import TestClient

from tests.wire.conftest import Place
from tests.wire.post.world import ADDRESS, NOW, SENDER, TAKER, Starlet, World, happened, key, letter, living, peer
from tests.wire.postgresql import scratch
from warifu.errors import Malformed, PartyRefused, Unavailable, WrongLetterSignature
from warifu.pki import KeySigner
from warifu.town.pool import private_key
from warifu.wire.post import MAX_LETTER, HttpCarrier, Letter, Peer, open_post_key, read_peers, write_peer
from warifu.wire.post.signatures import check_letter, content_digest, sign_letter, signature_base, verify

Headers = dict[str, str]


@pytest.fixture
def world() -> Iterator[World]:
    with TemporaryDirectory(dir=scratch()) as folder, living(Place(Path(folder), None)) as made:
        yield made


def test_a_letter_arrives_and_its_answer_comes_back(world: World) -> None:
    world.write(letter())
    with world.carrier() as carrier:
        assert world.courier(carrier).run() == 1
    assert (happened(world.taker), happened(world.sender)) == (["moved"], ["answer to moved"])


def test_an_answer_that_was_lost_is_given_again(world: World) -> None:
    wire = Starlet(world.application)
    wire.lose_answer = True
    world.write(letter())
    courier = world.courier(world.carrier(wire))
    assert courier.run() == 0
    wire.lose_answer = False
    world.clock.forward(minutes=1)
    assert courier.run() == 1
    assert (happened(world.taker), len(wire.seen)) == (["moved"], 2)


def test_a_request_repeated_by_somebody_else_has_no_further_effect(world: World) -> None:
    wire = Starlet(world.application)
    world.carrier(wire).carry(letter())
    again = wire.handle_request(wire.seen[0])
    assert (again.status_code, happened(world.taker)) == (200, ["moved"])


def refusal(world: World, change: Callable[[Headers], None], body: bytes = b"moved") -> tuple[int, str]:
    """What the taker says to a letter that was changed on its way."""
    headers = sign_letter(letter(), key(SENDER), world.clock.now())
    change(headers)
    got = TestClient(world.application).post("/post", content=body, headers=headers)
    assert happened(world.taker) == []
    return got.status_code, got.json()["error"]


@pytest.mark.parametrize("name", ["letter-id", "letter-subject", "letter-thread", "letter-to"])
def test_whatever_line_is_changed_the_signature_does_not_fit(world: World, name: str) -> None:
    value = {"letter-id": "f" * 32, "letter-to": "numbering"}.get(name, "other")
    assert refusal(world, lambda headers: headers.update({name: value})) == (403, "wrong_letter_signature")


def test_another_body_is_refused(world: World) -> None:
    assert refusal(world, lambda _headers: None, b"died") == (403, "wrong_letter_signature")


def test_another_body_with_its_own_digest_is_refused(world: World) -> None:
    digest = content_digest(b"died")
    told = refusal(world, lambda headers: headers.update({"content-digest": digest}), b"died")
    assert told == (403, "wrong_letter_signature")


def test_another_content_type_is_refused(world: World) -> None:
    told = refusal(world, lambda headers: headers.update({"content-type": "text/plain"}))
    assert told == (403, "wrong_letter_signature")


def test_a_party_that_nobody_knows_is_refused(world: World) -> None:
    told = refusal(world, lambda headers: headers.update({"letter-from": "kiosk"}))
    assert told == (403, "unknown_sender")


def test_another_partys_key_is_refused(world: World) -> None:
    stolen = sign_letter(letter(), key("kiosk"), world.clock.now())
    assert refusal(world, lambda headers: headers.update(stolen)) == (403, "wrong_letter_signature")


def test_another_key_id_than_the_senders_is_refused(world: World) -> None:
    def rename(headers: Headers) -> None:
        headers["signature-input"] = headers["signature-input"].replace('keyid="register"', 'keyid="kiosk"')

    assert refusal(world, rename) == (403, "wrong_letter_signature")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_letter_signed_at_another_time_is_refused(world: World, minutes: int) -> None:
    old = sign_letter(letter(), key(SENDER), NOW + timedelta(minutes=minutes))
    assert refusal(world, lambda headers: headers.update(old)) == (403, "letter_untimely")


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ_by_a_few_minutes(world: World, minutes: int) -> None:
    headers = sign_letter(letter(), key(SENDER), NOW + timedelta(minutes=minutes))
    assert TestClient(world.application).post("/post", content=b"moved", headers=headers).status_code == 200


def test_a_clock_that_is_wrong_stops_nothing_for_good(world: World) -> None:
    """The letter waits; when the clocks agree again it is taken."""
    world.write(letter())
    courier = world.courier()
    early = HttpCarrier(peer(TAKER, ADDRESS), key(SENDER), Late(), transport=Starlet(world.application))
    assert world.courier(early).run() == 0
    world.clock.forward(minutes=5)
    assert courier.run() == 1


class Late:
    """A clock an hour late."""

    def now(self) -> datetime:
        return NOW - timedelta(hours=1)


@pytest.mark.parametrize("name", ["letter-id", "letter-thread", "signature", "signature-input"])
def test_a_letter_lacking_a_header_is_malformed(world: World, name: str) -> None:
    status, error = refusal(world, lambda headers: headers.__delitem__(name))
    assert (status, error) == (400, "malformed")


@pytest.mark.parametrize(
    "signature_input",
    [
        "letter=()",
        'letter=("@method");created=1;keyid="register";alg="ecdsa-p256-sha256"',
        'letter=("@method" "letter-id");created=1;keyid="register"',
        "",
    ],
)
def test_a_signature_over_less_is_malformed(world: World, signature_input: str) -> None:
    told = refusal(world, lambda headers: headers.update({"signature-input": signature_input}))
    assert told == (400, "malformed")


def test_a_header_that_stands_twice_is_malformed(world: World) -> None:
    headers = sign_letter(letter(), key(SENDER), NOW)
    twice = [*headers.items(), ("letter-to", "numbering")]
    got = TestClient(world.application).post("/post", content=b"moved", headers=twice)
    assert (got.status_code, got.json()["error"]) == (400, "malformed")


def test_a_letter_that_is_too_long_is_refused(world: World) -> None:
    long = letter(body=bytes(MAX_LETTER + 1))
    with pytest.raises(PartyRefused) as refused:
        world.carrier().carry(long)
    assert refused.value.error == "content_too_large"
    assert happened(world.taker) == []


def test_what_the_taker_refuses_is_refused_here_too(world: World) -> None:
    world.refusing.add(b"moved")
    with pytest.raises(PartyRefused) as refused:
        world.carrier().carry(letter())
    assert refused.value.error == "not_allowed"


# --- answers ----------------------------------------------------------------------------------------------------------


class Meddler(Starlet):
    """Somebody on the way who changes answers."""

    def __init__(self, world: World, change: Callable[[int, Headers, bytes], httpx2.Response]) -> None:
        super().__init__(world.application)
        self.change = change

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        got = super().handle_request(request)
        return self.change(got.status_code, dict(got.headers), got.read())


def answered(status: int, headers: Headers, body: bytes) -> httpx2.Response:
    return httpx2.Response(status, headers=headers, stream=httpx2.ByteStream(body))


FORGERIES: dict[str, Callable[[int, Headers, bytes], httpx2.Response]] = {
    "another body": lambda status, headers, _: answered(status, headers, b"forged"),
    "body and digest": lambda status, headers, _: answered(
        status, headers | {"content-digest": content_digest(b"forged")}, b"forged"
    ),
    "no signature": lambda status, _, body: answered(status, {"content-digest": content_digest(body)}, body),
    "too long": lambda status, headers, _: answered(status, headers, bytes(70000)),
    "a page": lambda _status, _headers, _: answered(403, {"content-type": "text/html"}, b"<h1>no</h1>"),
    "an odd error": lambda _status, _headers, _: answered(403, {}, b'{"error":"<b>","description":"no"}'),
    "later, please": lambda _status, _headers, _: answered(503, {}, b""),
    "a redirect": lambda _status, _headers, _: answered(302, {"location": "http://elsewhere/"}, b""),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_nobody_but_the_recipient_settles_a_letter(world: World, forgery: str) -> None:
    world.write(letter())
    meddler = Meddler(world, FORGERIES[forgery])
    assert world.courier(world.carrier(meddler)).run() == 0
    assert happened(world.sender) == []
    world.clock.forward(minutes=1)
    assert world.courier(world.carrier()).run() == 1
    assert happened(world.taker) == ["moved"]


def test_the_answer_to_another_letter_settles_nothing(world: World) -> None:
    """RFC 9421 §2.4: the answer's signature covers the request's."""
    wire = Starlet(world.application)
    world.carrier(wire).carry(letter(1))
    kept = wire.handle_request(wire.seen[0])
    body, headers = kept.read(), dict(kept.headers)
    meddler = Meddler(world, lambda status, _headers, _body: answered(status, headers, body))
    with pytest.raises(Unavailable, match="not the other party's"):
        world.carrier(meddler).carry(letter(2))


def test_an_address_where_nobody_listens_is_unavailable(world: World) -> None:
    nowhere = replace(peer(TAKER, "http://127.0.0.1:1/post"))
    with HttpCarrier(nowhere, key(SENDER), world.clock, seconds=2) as carrier, pytest.raises(Unavailable):
        carrier.carry(letter())


# --- keys and peers ---------------------------------------------------------------------------------------------------


def test_a_signature_of_the_standard_verifies() -> None:
    """RFC 9421 appendix B.2.4, with the key of appendix B.1.3."""
    public = load_pem_public_key(
        b"-----BEGIN PUBLIC KEY-----\n"
        b"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf\n"
        b"w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==\n"
        b"-----END PUBLIC KEY-----\n"
    ).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:"
    components = {
        '"@status"': "200",
        '"content-type"': "application/json",
        '"content-digest"': digest,
        '"content-length"': "23",
    }
    parameters = (
        '("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"'
    )
    signature = "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=="
    raw, base = base64.b64decode(signature), signature_base(components, parameters)
    verify(raw, base, [public])
    with pytest.raises(WrongLetterSignature):
        verify(raw, base + b" ", [public])


def test_a_digest_of_the_standard() -> None:
    """RFC 9530 appendix D."""
    assert content_digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_two_keys_of_a_party_stand_side_by_side(world: World) -> None:
    """While one takes the other's place."""
    both = Peer(SENDER, "", (key("next").public_key_info, key(SENDER).public_key_info))
    for signer in (key("next"), key(SENDER)):
        headers = sign_letter(letter(), signer, NOW)
        check_letter(letter(), headers, both.keys, NOW)
    with pytest.raises(WrongLetterSignature):
        check_letter(letter(), sign_letter(letter(), key("another"), NOW), both.keys, NOW)


@pytest.mark.parametrize("bad", [b"", b"nonsense", KeySigner(private_key(0)).public_key_info])
def test_only_p256_keys_make_a_peer(bad: bytes) -> None:
    with pytest.raises(Malformed):
        Peer("register", "", (bad,))


def test_peers_are_files(tmp_path: Path) -> None:
    written = write_peer(tmp_path / "peers", TAKER, ADDRESS, [key(TAKER).public_key_info])
    assert read_peers(tmp_path / "peers") == {TAKER: written}
    assert read_peers(tmp_path / "none") == {}


@pytest.mark.parametrize("content", [b"", b"{}", b'{"address":"","keys":[]}', b'{"address":"","keys":[1]}'])
def test_a_peers_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "register.json").write_bytes(content)
    with pytest.raises(Malformed, match=r"register\.json"):
        read_peers(tmp_path)


def test_the_post_key_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "registry" / "post.key"
    made = open_post_key(path)
    assert open_post_key(path).public_key_info == made.public_key_info
    assert path.stat().st_mode & 0o077 == 0


def test_another_kind_of_key_signs_no_letters(world: World) -> None:
    with pytest.raises(Malformed):
        sign_letter(letter(), KeySigner(private_key(0)), NOW)


def test_no_party_name_is_a_path() -> None:
    with pytest.raises(Malformed):
        Peer("../register", "", (key(SENDER).public_key_info,))


def test_a_letter_tells_nothing_of_its_body() -> None:
    assert "moved" not in repr(Letter(id="0" * 32, sender=SENDER, to=TAKER, subject="event", body=b"moved"))
