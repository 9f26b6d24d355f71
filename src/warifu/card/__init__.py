"""The My Number Card (マイナンバーカード): its five applications, and how a blank one becomes somebody's.

In life this is the card in a purse. It knows its holder's four attributes, face, numbers, private keys and their
certificates as bytes; it never sees who asks, what for, or the time. It talks to whoever powers it (`Card` is a
`Connection`), keeps its state in a `Store`, and takes its contents from a municipality's `CardIssuer`, whose key
`CvAuthorities` certified.

`draw_pictures` draws what its face shows (the extra ``images``; without it `stock_pictures` stands in), `draw_front`
and `draw_back` draw a specimen of a card; `grey_rows` and `ink_rows` open a card's picture for a terminal.
`personalise` writes a card's first contents. What a municipality's window does to a card later, and no command of the
card can (setting a forgotten PIN, unblocking, locking an application), are `set_pin`, `unblock_pin`, `block_pin`,
`lock_application` and `unlock_application`; a powered card sees it at its next power-on. Whoever wants to break one
open gives `Card` a sensor (`warifu.chip.Sensor`): its alarm is the end.
"""

from warifu.card.card import Card
from warifu.card.drawing import Pictures, draw_back, draw_front, draw_pictures, grey_rows, ink_rows, stock_pictures
from warifu.card.issuer import CardIssuer, CvAuthorities, CvAuthority, RecordSigner, card_public_key
from warifu.card.memory import MemoryStore
from warifu.card.others import OtherApplications
from warifu.card.personalisation import Personalisation, matching_number_b, personalise
from warifu.card.profile import Profile, Token
from warifu.card.window import block_pin, lock_application, set_pin, tries_left, unblock_pin, unlock_application

__all__ = [
    "Card",
    "CardIssuer",
    "CvAuthorities",
    "CvAuthority",
    "MemoryStore",
    "OtherApplications",
    "Personalisation",
    "Pictures",
    "Profile",
    "RecordSigner",
    "Token",
    "block_pin",
    "card_public_key",
    "draw_back",
    "draw_front",
    "draw_pictures",
    "grey_rows",
    "ink_rows",
    "lock_application",
    "matching_number_b",
    "personalise",
    "set_pin",
    "stock_pictures",
    "tries_left",
    "unblock_pin",
    "unlock_application",
]
