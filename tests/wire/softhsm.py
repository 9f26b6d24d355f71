"""SoftHSM2, in a folder of its own: a PKCS #11 token that nobody here wrote."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.waiting import PATIENCE
from warifu.wire.key_uri import KeyUri

MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/local/lib/softhsm/libsofthsm2.so"),
)
PIN = "135790"
_FOREIGN_KEY = """
import sys, pkcs11
from pkcs11 import Attribute, KeyType, MechanismFlag
module, token, pin, label, bits, extractable = sys.argv[1:]
with pkcs11.lib(module).get_token(token_label=token).open(rw=True, user_pin=pin) as session:
    session.generate_keypair(
        KeyType.RSA, int(bits), store=True, label=label, id=label.encode(),
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template={Attribute.EXTRACTABLE: extractable == "yes"},
    )
"""

_ODD_KEYS = """
import sys, pkcs11
from pkcs11 import Attribute, KeyType, MechanismFlag
from pkcs11.util.ec import encode_named_curve_parameters
module, token, pin = sys.argv[1:]
uses = MechanismFlag.SIGN | MechanismFlag.VERIFY
with pkcs11.lib(module).get_token(token_label=token).open(rw=True, user_pin=pin) as session:
    make = lambda name: session.generate_keypair(
        KeyType.RSA, 2048, store=True, label=name, id=name.encode(), capabilities=uses
    )
    (own, _), (other, _) = make("mismatched"), make("other")
    own.destroy()
    other[Attribute.ID] = b"mismatched"
    lonely, _ = make("lonely")
    lonely.destroy()
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp521r1")}
    session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
        store=True, label="p521", id=b"p521", capabilities=uses
    )
"""


def module() -> Path | None:
    """Where the module is, if SoftHSM2 is installed."""
    return next((path for path in MODULES if path.exists()), None)


@dataclass
class SoftHsm:
    """A folder of tokens; `environment` leads the module there."""

    folder: Path
    module: Path
    places: dict[str, Path] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def prepare(self) -> None:
        (self.folder / "tokens").mkdir()
        (self.folder / "softhsm2.conf").write_text(f"directories.tokendir = {self.folder / 'tokens'}\n")
        (self.folder / "pin").write_text(PIN + "\n")

    def add_token(self, label: str) -> None:
        """A token whose slot is its own: SoftHSM2 numbers them by 31 bits of serial numbers that it draws."""
        tokens = self.folder / "tokens"
        before = set(tokens.iterdir())
        init = ["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "24680135"]
        while True:
            self._run("softhsm2-util", *init)
            (made,) = set(tokens.iterdir()) - before
            if self._run("softhsm2-util", "--show-slots").count("Initialized:      yes") == len(before) + 1:
                break
            shutil.rmtree(made)
        self.places[label] = made

    def add_foreign_key(self, token: str, label: str, *, bits: int = 2048, extractable: bool = False) -> None:
        """A key that another program made: not as `make_token_key` makes them. In a process of its own."""
        told = [str(self.module), token, PIN, label, str(bits), "yes" if extractable else "no"]
        self._run(sys.executable, "-c", _FOREIGN_KEY, *told)

    def add_odd_keys(self, token: str) -> None:
        """`mismatched` beside another key's public half, `lonely` without one, `p521` on another curve."""
        self._run(sys.executable, "-c", _ODD_KEYS, str(self.module), token, PIN)

    def serials(self, label: str) -> list[str]:
        """The serial numbers of the tokens of this name."""
        shown = self._run("softhsm2-util", "--show-slots")
        found = re.findall(r"Serial number: +(\w*)\n.*\n.*\n +Label: +(.*?) *\n", shown)
        return [serial for serial, name in found if name == label]

    def uri(self, token: str, label: str = "", pin: Path | None = None, key_id: bytes = b"") -> KeyUri:
        return KeyUri(
            module=self.module, token=token, pin_source=pin or self.folder / "pin", label=label, key_id=key_id
        )

    def _run(self, *command: str) -> str:
        environment = os.environ | self.environment
        return subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE
        ).stdout
