"""Is the card in hand genuine? What it proves to everybody, in each application, over nonces of our own.

The result names each link, None where it holds, else why not: NotGenuine, NotIntact or Malformed where something is
false; Unavailable where nobody here can tell; CardRefused where the card has no such thing. No PIN is presented and
nothing of the holder's is read.
"""

from collections.abc import Callable, Collection

from warifu.cardmap import CvAnchor, CvCertificate
from warifu.errors import CardRefused, Malformed, NotGenuine, NotOnCard, WarifuError
from warifu.ports import Connection, Entropy
from warifu.reader.common import CommonSession
from warifu.reader.generations import open_text, open_visual
from warifu.reader.genuine import check_known_anchor, check_manager_chain, fault_of
from warifu.reader.manager import ManagerSession
from warifu.reader.text import TextSession
from warifu.reader.visual import VisualSession

Faults = dict[str, WarifuError | None]

_NONCE = 32


def examine_free(connection: Connection, entropy: Entropy, anchors: Collection[CvAnchor]) -> dict[str, Faults]:
    """What can be told without any PIN, by application; one that the card has not is left out.

    ``manager``: ``certificate``, its chain stands under an anchor. ``proof``, where that chain has a leaf: the visual
    application's key is the leaf's, by a signature over our nonce. Modelled: that the leaf certifies this key; where it
    does not, nothing is said against the card.
    ``common``: ``answer``, the card answers our nonce with a signature. Its public half stands on no card, so only the
    card's issuer can tell whether it is the right one.
    ``visual`` and ``text``: ``certificate``, an anchor certified the municipality's key.

    Raises:
        NoCard, AnswerLost: the card went away meanwhile.
    """
    examined: dict[str, Callable[[], Faults]] = {
        "manager": lambda: _manager(connection, entropy, anchors),
        "common": lambda: _common(connection, entropy),
        "visual": lambda: _certificate(open_visual(connection), anchors),
        "text": lambda: _certificate(open_text(connection), anchors),
    }
    found = {}
    for name, examine_one in examined.items():
        try:
            found[name] = examine_one()
        except NotOnCard:
            continue
    return found


def _manager(connection: Connection, entropy: Entropy, anchors: Collection[CvAnchor]) -> Faults:
    session = ManagerSession(connection)
    try:
        data = session.data()
    except (CardRefused, Malformed) as fault:
        return {"certificate": fault}
    found: Faults = {"certificate": fault_of(lambda: check_manager_chain(data, anchors))}
    if data.leaf is not None:
        found["proof"] = _proof_of(data.leaf, connection, entropy.bytes(_NONCE))
    return found


def _proof_of(leaf: CvCertificate, connection: Connection, nonce: bytes) -> WarifuError | None:
    try:
        leaf.public_key.check_signature(open_visual(connection).prove(nonce), nonce)
    except CardRefused as fault:
        return fault
    except NotGenuine:
        return NotOnCard("the key at the end of the card manager's chain")
    return None


def _common(connection: Connection, entropy: Entropy) -> Faults:
    session = CommonSession(connection)
    try:
        answers = [session.authenticate(entropy.bytes(_NONCE)) for _ in range(2)]
    except (CardRefused, Malformed) as fault:
        return {"answer": fault}
    return {"answer": NotGenuine("the card answers two nonces alike") if answers[0] == answers[1] else None}


def _certificate(session: VisualSession | TextSession, anchors: Collection[CvAnchor]) -> Faults:
    try:
        certificate = session.certificate()
    except (CardRefused, Malformed) as fault:
        return {"certificate": fault}
    return {"certificate": fault_of(lambda: check_known_anchor(certificate, anchors))}
