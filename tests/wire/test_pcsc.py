"""PC/SC: which reader, how it is shared, and what an error means for the command that was under way.

Against a stand-in for the platform's service; `tests/real` has the real one.
"""

import subprocess
import sys

import pytest

from tests.wire.fake_scard import FakeScard
from warifu.errors import AnswerLost, InUse, NoCard, NoReader, Unavailable
from warifu.wire import pcsc

BOTH = FakeScard.SCARD_PROTOCOL_T0 | FakeScard.SCARD_PROTOCOL_T1
RAW = FakeScard.SCARD_PROTOCOL_RAW
EXCLUSIVE, SHARED = FakeScard.SCARD_SHARE_EXCLUSIVE, FakeScard.SCARD_SHARE_SHARED
PRESENT, EMPTY, MUTE = FakeScard.SCARD_STATE_PRESENT, FakeScard.SCARD_STATE_EMPTY, FakeScard.SCARD_STATE_MUTE


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeScard:
    return install(FakeScard(), monkeypatch)


def install(fake: FakeScard, monkeypatch: pytest.MonkeyPatch) -> FakeScard:
    """Have ``from smartcard import scard`` find the stand-in."""
    package = type(sys)("smartcard")
    package.scard = fake  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "smartcard", package)
    return fake


def connected(fake: FakeScard, monkeypatch: pytest.MonkeyPatch) -> pcsc.PcscConnection:
    install(fake, monkeypatch)
    return pcsc.connect()


# --- what is missing --------------------------------------------------------------------------------------------------


def test_without_pyscard_a_card_is_unavailable_and_the_note_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(Unavailable) as caught:
        pcsc.readers()
    assert caught.value.__notes__ == ["pip install 'warifu[pcsc]'"]


def test_importing_warifu_loads_no_pyscard() -> None:
    program = "import sys, warifu, warifu.wire.pcsc, warifu.reader; sys.exit('smartcard' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("result", [FakeScard.SCARD_E_NO_SERVICE, FakeScard.SCARD_E_SERVICE_STOPPED])
def test_without_the_service_the_note_says_what_to_start(monkeypatch: pytest.MonkeyPatch, result: int) -> None:
    install(FakeScard(service=result), monkeypatch)
    with pytest.raises(Unavailable) as caught:
        pcsc.readers()
    assert type(caught.value) is Unavailable
    assert caught.value.__notes__


def test_no_reader_is_an_empty_list(monkeypatch: pytest.MonkeyPatch) -> None:
    install(FakeScard({}), monkeypatch)
    assert pcsc.readers() == []


# --- which reader -----------------------------------------------------------------------------------------------------


def test_without_a_reader_there_is_nothing_to_connect_to(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = install(FakeScard({}), monkeypatch)
    with pytest.raises(NoReader):
        pcsc.connect()
    assert fake.calls == ["establish", "release"]


def test_the_first_reader_with_a_card_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    install(FakeScard({"Empty": EMPTY, "Second": PRESENT, "Third": PRESENT}), monkeypatch)
    with pcsc.connect() as connection:
        assert connection.reader == "Second"


@pytest.mark.parametrize("name", ["Sony RC-S300 01", "RC-S300 01"])
def test_a_reader_is_named_in_full_or_in_part(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    install(FakeScard({"Sony RC-S300 00": PRESENT, "Sony RC-S300 01": PRESENT}), monkeypatch)
    with pcsc.connect(name) as connection:
        assert connection.reader == "Sony RC-S300 01"


def test_a_full_name_wins_over_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    install(FakeScard({"Reader 10": PRESENT, "Reader 1": PRESENT}), monkeypatch)
    with pcsc.connect("Reader 1") as connection:
        assert connection.reader == "Reader 1"


def test_an_unknown_name_is_no_reader(service: FakeScard) -> None:
    with pytest.raises(NoReader):
        pcsc.connect("ACR")


def test_an_empty_reader_has_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    install(FakeScard({"Reader": EMPTY}), monkeypatch)
    with pytest.raises(NoCard):
        pcsc.connect()
    assert not pcsc.card_present()


def test_a_mute_card_is_no_card_and_the_note_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    install(FakeScard({"Reader": PRESENT | MUTE}), monkeypatch)
    with pytest.raises(NoCard) as caught:
        pcsc.connect()
    assert caught.value.__notes__


def test_a_card_that_comes_while_waiting_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = install(FakeScard({"Reader": EMPTY}), monkeypatch)
    waited = []

    def waiting() -> None:
        waited.append(True)
        fake.readers["Reader"] = PRESENT

    with pcsc.connect(timeout=5, waiting=waiting):
        assert waited == [True]


# --- how it is shared -------------------------------------------------------------------------------------------------


def test_a_card_is_taken_exclusively_and_unpowered_at_the_end(service: FakeScard) -> None:
    with pcsc.connect() as connection:
        assert connection.atr == b"\x3b\x00"
    unpower = ("disconnect", FakeScard.SCARD_UNPOWER_CARD)
    assert service.calls == ["establish", ("connect", "Reader", EXCLUSIVE, BOTH), unpower, "release"]


def test_a_reader_that_refuses_exclusive_access_is_shared_in_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sony RC-S300 (soltia48/myna-card `examples/secure_messaging.rs`)."""
    fake = FakeScard(refuses={(EXCLUSIVE, BOTH): FakeScard.SCARD_E_SHARING_VIOLATION})
    with connected(fake, monkeypatch):
        assert fake.calls[2:] == [("connect", "Reader", SHARED, BOTH), "begin"]


def test_a_card_that_another_program_holds_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    violation = FakeScard.SCARD_E_SHARING_VIOLATION
    fake = FakeScard(refuses={(EXCLUSIVE, BOTH): violation, (SHARED, BOTH): violation})
    with pytest.raises(InUse):
        connected(fake, monkeypatch)
    assert fake.calls[-1] == "release"


def test_a_reader_without_t0_and_t1_is_used_raw(monkeypatch: pytest.MonkeyPatch) -> None:
    mismatch = FakeScard.SCARD_E_PROTO_MISMATCH
    fake = FakeScard(refuses={(EXCLUSIVE, BOTH): mismatch}, answers=[(0, [0x90, 0x00])])
    with connected(fake, monkeypatch) as connection:
        assert connection.transmit(b"\0\1\2\3") == b"\x90\x00"
    assert ("transmit", "raw", "00010203") in fake.calls


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (FakeScard.SCARD_E_NO_SMARTCARD, NoCard),
        (FakeScard.SCARD_W_REMOVED_CARD, NoCard),
        (FakeScard.SCARD_W_UNRESPONSIVE_CARD, NoCard),
        (FakeScard.SCARD_E_READER_UNAVAILABLE, NoReader),
        (FakeScard.SCARD_E_UNKNOWN_READER, NoReader),
        (FakeScard.SCARD_F_INTERNAL_ERROR, Unavailable),
    ],
)
def test_what_goes_wrong_while_connecting(
    monkeypatch: pytest.MonkeyPatch, result: int, error: type[Unavailable]
) -> None:
    fake = FakeScard(refuses={(EXCLUSIVE, BOTH): result})
    with pytest.raises(Unavailable) as caught:
        connected(fake, monkeypatch)
    assert type(caught.value) is error
    assert fake.calls[-1] == "release"


# --- the command under way --------------------------------------------------------------------------------------------


def test_a_command_goes_out_once_over_the_negotiated_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeScard(answers=[(0, [0x63, 0xC3])])
    with connected(fake, monkeypatch) as connection:
        assert connection.transmit(bytes.fromhex("00200080")) == b"\x63\xc3"
    assert fake.calls.count(("transmit", "T=1", "00200080")) == 1


@pytest.mark.parametrize(
    ("result", "platform", "error"),
    [
        (FakeScard.SCARD_W_REMOVED_CARD, "linux", NoCard),
        (FakeScard.SCARD_W_REMOVED_CARD, "win32", AnswerLost),
        (FakeScard.SCARD_W_RESET_CARD, "linux", Unavailable),
        (FakeScard.SCARD_W_RESET_CARD, "win32", Unavailable),
        (FakeScard.SCARD_E_NO_SMARTCARD, "linux", AnswerLost),
        (FakeScard.SCARD_E_NOT_TRANSACTED, "linux", AnswerLost),
        (FakeScard.SCARD_E_READER_UNAVAILABLE, "linux", AnswerLost),
        (FakeScard.SCARD_E_NO_SERVICE, "linux", AnswerLost),
        (FakeScard.SCARD_F_INTERNAL_ERROR, "linux", AnswerLost),
    ],
)
def test_an_error_under_way_leaves_the_answer_lost_unless_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch, result: int, platform: str, error: type[Unavailable]
) -> None:
    """pcsc-lite looks for a reset and a removal before it sends (`winscard.c`, SCardTransmit)."""
    monkeypatch.setattr(sys, "platform", platform)
    fake = FakeScard(answers=[(result, [])])
    with connected(fake, monkeypatch) as connection, pytest.raises(Unavailable) as caught:
        connection.transmit(bytes.fromhex("0020008004 31323334"))
    assert type(caught.value) is error
    assert [call for call in fake.calls if call[0] == "transmit"] == [("transmit", "T=1", "002000800431323334")]


def test_a_power_cycle_takes_the_power_away(service: FakeScard) -> None:
    with pcsc.connect() as connection:
        connection.power_cycle()
    assert ("reconnect", EXCLUSIVE, 2, FakeScard.SCARD_UNPOWER_CARD) in service.calls


def test_a_card_taken_out_cannot_be_powered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeScard(answers=[(FakeScard.SCARD_E_NO_SMARTCARD, [])])
    with connected(fake, monkeypatch) as connection, pytest.raises(NoCard):
        connection.power_cycle()
