"""Everything on the card that is compared and counted: PINs, passwords, matching numbers, the birth date.

Each is of one application and has tries of its own, also where two of them are the same digits.
"""

from enum import Enum

from warifu.cardmap import (
    AUTHENTICATION_PIN,
    BIRTH_DATE_KEY,
    COMMON_PIN,
    MATCHING_NUMBER_A,
    MATCHING_NUMBER_B,
    NEXT_BIRTH_DATE_KEY,
    NEXT_MATCHING_NUMBER_A,
    NEXT_MATCHING_NUMBER_B,
    NEXT_PIN,
    NEXT_SIGNING_PASSWORD,
    RESIDENT_PIN,
    SIGNING_PASSWORD,
    TEXT_PIN,
    VISUAL_MATCHING_NUMBER_A,
    VISUAL_MATCHING_NUMBER_B,
    Application,
)
from warifu.errors import NotOnCard
from warifu.ports import Connection
from warifu.reader import pins
from warifu.reader.exchange import select_application
from warifu.reader.pins import Pin

APPLICATION_NAMES = {
    Application.JPKI: "the JPKI application",
    Application.TEXT: "the text application",
    Application.VISUAL: "the visual application",
    Application.RESIDENT: "the resident register application",
    Application.COMMON: "the common application",
    Application.NEXT_AUTHENTICATION: "the authentication application of the next generation",
    Application.NEXT_FACE: "the face application of the next generation",
}
"""What errors call them."""


class Credential(Enum):
    """A credential, with the name that errors call it by and its place on the card."""

    AUTHENTICATION_PIN = Pin("authentication PIN", AUTHENTICATION_PIN)
    """利用者証明用暗証番号."""
    SIGNING_PASSWORD = Pin("signing password", SIGNING_PASSWORD)
    """署名用パスワード."""
    TEXT_PIN = Pin("text PIN", TEXT_PIN)
    """券面事項入力補助用暗証番号."""
    RESIDENT_PIN = Pin("resident PIN", RESIDENT_PIN)
    """住民基本台帳用暗証番号."""
    COMMON_PIN = Pin("common PIN", COMMON_PIN)
    TEXT_MATCHING_NUMBER_A = Pin("matching number A", MATCHING_NUMBER_A)
    """照合番号A of the text application."""
    TEXT_MATCHING_NUMBER_B = Pin("matching number B", MATCHING_NUMBER_B)
    """照合番号B of the text application."""
    VISUAL_MATCHING_NUMBER_A = Pin("matching number A (visual)", VISUAL_MATCHING_NUMBER_A)
    VISUAL_MATCHING_NUMBER_B = Pin("matching number B (visual)", VISUAL_MATCHING_NUMBER_B)
    BIRTH_DATE = Pin("birth date key", BIRTH_DATE_KEY)
    """生年月日, of the visual application."""
    NEXT_PIN = Pin("authentication PIN", NEXT_PIN)
    """The one PIN of four digits of a next-generation card; errors call it by what it is asked for most."""
    NEXT_SIGNING_PASSWORD = Pin("signing password", NEXT_SIGNING_PASSWORD)
    NEXT_MATCHING_NUMBER_A = Pin("matching number A (next generation)", NEXT_MATCHING_NUMBER_A)
    NEXT_MATCHING_NUMBER_B = Pin("matching number B (next generation)", NEXT_MATCHING_NUMBER_B)
    NEXT_BIRTH_DATE = Pin("birth date key (next generation)", NEXT_BIRTH_DATE_KEY)

    @property
    def pin(self) -> Pin:
        """Its name and place."""
        return self.value

    @property
    def application(self) -> Application:
        """Where it is compared."""
        return self.value.spec.application


def select(connection: Connection, application: Application) -> None:
    """Make an application current.

    Raises:
        NotOnCard: the card does not have it.
    """
    select_application(connection, application.aid, APPLICATION_NAMES[application])


def applications_of(connection: Connection) -> list[Application]:
    """The applications that the card has; what was verified before is forgotten."""
    return [each for each in Application if _has(connection, each)]


def all_tries_left(connection: Connection) -> dict[Credential, int | None]:
    """The tries left of every credential; None where the card has none such. Asking consumes none.

    It goes through all applications: what was verified before is forgotten.
    """
    found: dict[Credential, int | None] = dict.fromkeys(Credential)
    for application in Application:
        if _has(connection, application):
            own = [each for each in Credential if each.application is application]
            found.update({each: _tries_left(connection, each) for each in own})
    return found


def change_pin(connection: Connection, credential: Credential, old: str, new: str, *, spend_last: bool = False) -> None:
    """Replace a PIN in its own application, which is current afterwards and has the PIN verified.

    Raises: as `warifu.reader.pins.change`; NotOnCard where the card does not have the application.
    """
    select(connection, credential.application)
    pins.change(connection, credential.pin, old, new, spend_last=spend_last)


def _tries_left(connection: Connection, credential: Credential) -> int | None:
    try:
        return pins.tries_left(connection, credential.pin)
    except NotOnCard:
        return None


def _has(connection: Connection, application: Application) -> bool:
    """Whether the card has the application, which is current then."""
    try:
        select(connection, application)
    except NotOnCard:
        return False
    return True
