"""The resident register: who lives where, under which numbers, and what happens to them from birth to death.

In life these are the municipalities, each keeping the records of its people (住民基本台帳), and the network between
them. It knows everything about a person that an office writes down. It never sees a private key or a PIN, and it does
not decide which certificate ends: it tells the authorities what happened (`messages.ResidentEvent`, `CardEvent`) and of
a person only a `holder`, an identifier that is neither of the two numbers.

Pure: functions take records, an `Act` (who, at which desk, when) and what else was gathered, and return a `Change`:
records after it, messages out, entries of the log, to be committed together. Who may see what is a table (`SEES`),
every look is an entry, and a look is written down before what it shows is opened.

`numbering` is a party inside of it, with its own store: it gives out codes and numbers and sees nothing else.
"""

from warifu.registry.addressees import (
    Addressee,
    AddresseeNumber,
    IntegratedAddresseeNumber,
    add_system,
    addressee_number,
    individual_number,
    open_ladder,
)
from warifu.registry.arriving import Arrival, Newcomer, move_in, register_arrival, register_birth
from warifu.registry.card_application import Applicant, CardApplication, Ground, apply_for_card, withdraw
from warifu.registry.card_certificates import ask_revocation, note_issued, note_refused, note_written, order_certificate
from warifu.registry.card_events import (
    follow_code_change,
    follow_number_change,
    follow_resident,
    note_invalidated,
    turn_day,
)
from warifu.registry.card_kiosk import PinReset, reserve_reset, reset_at_kiosk
from warifu.registry.card_loss import give_back, note_found, order_return, report_lost
from warifu.registry.card_making import MakingOrder, note_made, order_card
from warifu.registry.card_record import Card, CardCertificate, CardHolder, CardState, CardStep, CertificateNote, Route
from warifu.registry.card_rules import STANDARD_RULES, CardRules, is_soon_over
from warifu.registry.card_table import CARD_EDGES, CardEdge, card_edge, follow_card
from warifu.registry.card_validity import (
    JST,
    Residence,
    Stay,
    age_on,
    birthday_after,
    card_expiry,
    day_of,
    end_of,
    prolonged_expiry,
)
from warifu.registry.card_window import (
    give_up_pins,
    keep_abroad,
    present_after_move,
    prolong_with_stay,
    reset_pins,
    take_up_pins,
    update_face,
)
from warifu.registry.change import Act, ActKind, Change, LogEntry, Message
from warifu.registry.correcting import (
    MINOR_TOUCHES,
    Correction,
    change_name,
    change_stay,
    correct,
    correct_annex,
    naturalise,
)
from warifu.registry.delivery import (
    CardPin,
    Collector,
    Handover,
    PinsSet,
    Proof,
    begin_delivery,
    complete_delivery,
    destroy_uncollected,
    find_uncollected,
    pins_of,
)
from warifu.registry.ending import (
    delete_annex,
    delete_record,
    register_death,
    register_death_away,
    report_recording_error,
)
from warifu.registry.events import EVENTS, EventRow
from warifu.registry.hotline import Call, Claims, Medium, OnFile, show_on_file, suspend, take_call
from warifu.registry.household import Household
from warifu.registry.leaving import cancel_move_out, delete_departed, due_on, lapse, move_out
from warifu.registry.looking import Belonging, Look, Seen, Whereabouts, look, search, tell_attributes
from warifu.registry.moving import change_head, move_within, regroup
from warifu.registry.municipalities import Place, find_place, places
from warifu.registry.names import RecordedName
from warifu.registry.numbering import AllottedCode, Designation, NumberingChange, allot, designate, follow_code
from warifu.registry.numbers import accept_number, ask_number_change, change_code
from warifu.registry.phone_certificates import (
    Phone,
    PhoneState,
    SignedByCard,
    apply_for_phone,
    apply_for_phone_signing_again,
    give_up_phone,
    hold_phone,
    lift_phone_hold,
    note_phone_answer,
)
from warifu.registry.pool import PooledCode, pooled
from warifu.registry.population import Books, HardCase, Settled, settle
from warifu.registry.protecting import end_protection, hides_address, protect
from warifu.registry.record import ABROAD, Annex, Deletion, MovingOut, Outcome, Protection, ResidentRecord
from warifu.registry.relationship import Relationship
from warifu.registry.renewal import Renewable, RenewalNotice, find_renewals
from warifu.registry.retention import KEEPING, Keeping, KeepingRule
from warifu.registry.roles import SEES, Clerk, Desk, Office, Section, Sight
from warifu.registry.romaji import romaji

__all__ = [
    "ABROAD",
    "CARD_EDGES",
    "EVENTS",
    "JST",
    "KEEPING",
    "MINOR_TOUCHES",
    "SEES",
    "STANDARD_RULES",
    "Act",
    "ActKind",
    "Addressee",
    "AddresseeNumber",
    "AllottedCode",
    "Annex",
    "Applicant",
    "Arrival",
    "Belonging",
    "Books",
    "Call",
    "Card",
    "CardApplication",
    "CardCertificate",
    "CardEdge",
    "CardHolder",
    "CardPin",
    "CardRules",
    "CardState",
    "CardStep",
    "CertificateNote",
    "Change",
    "Claims",
    "Clerk",
    "Collector",
    "Correction",
    "Deletion",
    "Designation",
    "Desk",
    "EventRow",
    "Ground",
    "Handover",
    "HardCase",
    "Household",
    "IntegratedAddresseeNumber",
    "Keeping",
    "KeepingRule",
    "LogEntry",
    "Look",
    "MakingOrder",
    "Medium",
    "Message",
    "MovingOut",
    "Newcomer",
    "NumberingChange",
    "Office",
    "OnFile",
    "Outcome",
    "Phone",
    "PhoneState",
    "PinReset",
    "PinsSet",
    "Place",
    "PooledCode",
    "Proof",
    "Protection",
    "RecordedName",
    "Relationship",
    "Renewable",
    "RenewalNotice",
    "Residence",
    "ResidentRecord",
    "Route",
    "Section",
    "Seen",
    "Settled",
    "Sight",
    "SignedByCard",
    "Stay",
    "Whereabouts",
    "accept_number",
    "add_system",
    "addressee_number",
    "age_on",
    "allot",
    "apply_for_card",
    "apply_for_phone",
    "apply_for_phone_signing_again",
    "ask_number_change",
    "ask_revocation",
    "begin_delivery",
    "birthday_after",
    "cancel_move_out",
    "card_edge",
    "card_expiry",
    "change_code",
    "change_head",
    "change_name",
    "change_stay",
    "complete_delivery",
    "correct",
    "correct_annex",
    "day_of",
    "delete_annex",
    "delete_departed",
    "delete_record",
    "designate",
    "destroy_uncollected",
    "due_on",
    "end_of",
    "end_protection",
    "find_place",
    "find_renewals",
    "find_uncollected",
    "follow_card",
    "follow_code",
    "follow_code_change",
    "follow_number_change",
    "follow_resident",
    "give_back",
    "give_up_phone",
    "give_up_pins",
    "hides_address",
    "hold_phone",
    "individual_number",
    "is_soon_over",
    "keep_abroad",
    "lapse",
    "lift_phone_hold",
    "look",
    "move_in",
    "move_out",
    "move_within",
    "naturalise",
    "note_found",
    "note_invalidated",
    "note_issued",
    "note_made",
    "note_phone_answer",
    "note_refused",
    "note_written",
    "open_ladder",
    "order_card",
    "order_certificate",
    "order_return",
    "pins_of",
    "places",
    "pooled",
    "present_after_move",
    "prolong_with_stay",
    "prolonged_expiry",
    "protect",
    "register_arrival",
    "register_birth",
    "register_death",
    "register_death_away",
    "regroup",
    "report_lost",
    "report_recording_error",
    "reserve_reset",
    "reset_at_kiosk",
    "reset_pins",
    "romaji",
    "search",
    "settle",
    "show_on_file",
    "suspend",
    "take_call",
    "take_up_pins",
    "tell_attributes",
    "turn_day",
    "update_face",
    "withdraw",
]
