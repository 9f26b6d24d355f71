"""A chip with a visual application alone, holding what `cardmap` writes."""

from tests.cardmap.test_genuineness import CARD, certificate
from tests.cardmap.test_visual import age_record, face_file, number_image
from warifu.card import MemoryStore
from warifu.cardmap import VISUAL_FILES, VISUAL_PINS, KeyId, VisualFile, VisualInfo
from warifu.cardmap import Application as Place
from warifu.chip import Application, Chip, File, KeyFile, PinFile, PinRecord, TransparentFile
from warifu.town import pool
from warifu.wire.clock import SystemEntropy

NUMBER_A, NUMBER_B, BIRTH_DATE = "123456789018", "55021720352285", "550217"
INFO = VisualInfo(KeyId("9000024", "001"), "13101", KeyId("9000025", "001"), bytes(256))
_SECRETS = {
    VisualFile.BIRTH_DATE: BIRTH_DATE,
    VisualFile.MATCHING_NUMBER_A: NUMBER_A,
    VisualFile.MATCHING_NUMBER_B: NUMBER_B,
}


class VisualCard:
    """A `Connection` to it."""

    atr = bytes.fromhex("3BE000FF8131FE4514")

    def __init__(self) -> None:
        stored = {f"{fid:04X}": PinRecord(10, secret.encode()).encode() for fid, secret in _SECRETS.items()}
        self.store = MemoryStore(stored)
        self.power_cycle()

    def transmit(self, command: bytes) -> bytes:
        return self._chip.transmit(command)

    def power_cycle(self) -> None:
        application = Application(Place.VISUAL.aid, _files(), default_key=VisualFile.INTERNAL_KEY)
        self._chip = Chip((application,), self.store, self.store.read(), SystemEntropy())


def _files() -> dict[int, File]:
    images = {
        VisualFile.AGE_RECORD: age_record().encode(),
        VisualFile.FACE: face_file().encode(),
        VisualFile.INFO: INFO.encode(),
        VisualFile.CERTIFICATE: certificate().encode(),
        VisualFile.NUMBER_IMAGE: number_image().encode(),
    }
    files: dict[int, File] = {VisualFile.INTERNAL_KEY: KeyFile(VisualFile.INTERNAL_KEY, pool.private_key(CARD))}
    for fid, image in images.items():
        spec = VISUAL_FILES[fid]
        files[fid] = TransparentFile(fid, image.ljust(spec.size, b"\xff"), spec.opens_with)
    for pin in VISUAL_PINS:
        files[pin.file] = PinFile(pin.file, f"{pin.file:04X}", pin.shortest, pin.longest, pin.tries, pin.changeable)
    return files
