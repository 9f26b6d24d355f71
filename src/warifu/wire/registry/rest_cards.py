"""Cards and phones over REST: J-LIS's desk, the windows, the app and the kiosk."""

from fastapi import APIRouter

from warifu.messages import CertificateIssued, OrderRefused, json, message_type
from warifu.wire.registry.forms import (
    ApplicationForm,
    DeliveryForm,
    DoneAnswer,
    HandoverAnswer,
    HandoverForm,
    KeysForm,
    KindForm,
    KioskForm,
    OrderAnswer,
    OrderForm,
    PinsForm,
    PresentedForm,
    ReservationAnswer,
    ReservationForm,
    SignedForm,
    StepForm,
    from_base64,
)
from warifu.wire.registry.rest_asking import By, Id, Key, TheRegistry

router = APIRouter(prefix="/v1", tags=["cards"])


@router.post("/people/{holder}/cards")
def apply(registry: TheRegistry, by: By, holder: Id, form: ApplicationForm, key: Key = None) -> DoneAnswer:
    """Accept an application for a card (番号法 第16条の2); the new card is the first of the answer's."""
    return DoneAnswer.of(registry.cards.apply(by.clerk, holder, form.read(), act=key))


@router.post("/cards/{card}/made")
def note_made(registry: TheRegistry, by: By, card: Id, form: KeysForm, key: Key = None) -> DoneAnswer:
    """The card was made, with these public keys; its certificates are ordered. J-LIS's desk."""
    return DoneAnswer.of(registry.cards.note_made(by.clerk, card, form.read(), act=key))


@router.post("/cards/{card}/written")
def note_written(registry: TheRegistry, by: By, card: Id, form: KindForm, key: Key = None) -> DoneAnswer:
    """A certificate is on the card now."""
    return DoneAnswer.of(registry.cards.note_written(by.clerk, card, form.kind, act=key))


@router.get("/orders/{order}")
def certificate(registry: TheRegistry, by: By, order: Id) -> OrderAnswer:
    """The authority's answer to an order, for whoever writes the certificate on the card."""
    body = registry.cards.certificate(by.clerk, order)
    if message_type(body) == OrderRefused.TYPE:
        return OrderAnswer(error=OrderRefused.decode(body).error)
    issued = CertificateIssued.decode(body)
    return OrderAnswer(
        certificate=json.to_base64(issued.certificate), issuer_certificate=json.to_base64(issued.issuer_certificate)
    )


@router.post("/cards/{card}/handover")
def begin_delivery(registry: TheRegistry, by: By, card: Id, form: HandoverForm) -> HandoverAnswer:
    """Open the hand-over: which PINs the holder sets at the terminal, unseen."""
    opened = registry.cards.begin_delivery(by.clerk, card, form.collector, form.proof, cannot_come=form.cannot_come)
    return HandoverAnswer.of(opened)


@router.post("/cards/{card}/delivery")
def deliver(registry: TheRegistry, by: By, card: Id, form: DeliveryForm, key: Key = None) -> DoneAnswer:
    """Give the card out (交付)."""
    keys = None if form.keys is None else {kind: from_base64(one) for kind, one in form.keys.items()}
    done = registry.cards.deliver(
        by.clerk,
        card,
        form.collector,
        form.proof,
        frozenset(form.pins),
        cannot_come=form.cannot_come,
        keys=keys,
        act=key,
    )
    return DoneAnswer.of(done)


@router.post("/cards/{card}/steps")
def at_window(registry: TheRegistry, by: By, card: Id, form: StepForm, key: Key = None) -> DoneAnswer:
    """Loss, finding, return, a changed face: what needs no further words."""
    return DoneAnswer.of(registry.cards.at_window(by.clerk, card, form.step, act=key))


@router.post("/cards/{card}/destruction")
def destroy(registry: TheRegistry, by: By, card: Id, key: Key = None) -> DoneAnswer:
    """Destroy a card that nobody collected."""
    return DoneAnswer.of(registry.cards.destroy_uncollected(by.clerk, card, act=key))


@router.post("/cards/{card}/certificates")
def order_certificate(registry: TheRegistry, by: By, card: Id, form: OrderForm, key: Key = None) -> DoneAnswer:
    """Order a certificate for the key that the card just made."""
    public_key = from_base64(form.public_key_info)
    return DoneAnswer.of(registry.cards.order_certificate(by.clerk, card, form.kind, public_key, act=key))


@router.post("/cards/{card}/revocations")
def ask_revocation(registry: TheRegistry, by: By, card: Id, form: KindForm, key: Key = None) -> DoneAnswer:
    """The holder gives up a certificate (失効申請)."""
    return DoneAnswer.of(registry.cards.ask_revocation(by.clerk, card, form.kind, act=key))


@router.post("/cards/{card}/presentation")
def present(registry: TheRegistry, by: By, card: Id, form: PresentedForm, key: Key = None) -> DoneAnswer:
    """The card is shown after a move (継続利用)."""
    return DoneAnswer.of(registry.cards.present(by.clerk, card, pin_verified=form.pin_verified, act=key))


@router.post("/cards/{card}/abroad")
def keep_abroad(registry: TheRegistry, by: By, card: Id, key: Key = None) -> DoneAnswer:
    """The card is shown with the notice of leaving the country (国外継続利用)."""
    return DoneAnswer.of(registry.cards.keep_abroad(by.clerk, card, act=key))


@router.post("/cards/{card}/prolongation")
def prolong(registry: TheRegistry, by: By, card: Id, key: Key = None) -> DoneAnswer:
    """Let a foreign resident's card live as long as the prolonged stay."""
    return DoneAnswer.of(registry.cards.prolong(by.clerk, card, act=key))


@router.post("/cards/{card}/pin-resets")
def reset_pins(registry: TheRegistry, by: By, card: Id, form: PinsForm, key: Key = None) -> DoneAnswer:
    """The holder set these PINs anew at the window; no PIN is told here."""
    return DoneAnswer.of(registry.cards.reset_pins(by.clerk, card, frozenset(form.pins), act=key))


@router.post("/cards/{card}/pins")
def take_up_pins(registry: TheRegistry, by: By, card: Id, form: PinsForm, key: Key = None) -> DoneAnswer:
    """Make a face-verification card one with PINs again."""
    return DoneAnswer.of(registry.cards.take_up_pins(by.clerk, card, frozenset(form.pins), act=key))


@router.post("/cards/{card}/reservations")
def reserve_reset(registry: TheRegistry, by: By, card: Id, form: ReservationForm) -> ReservationAnswer:
    """Reserve a reset of one password with the app; good for 24 hours at a kiosk."""
    reset = registry.cards.reserve_reset(
        by.clerk, card, form.pin, verified=form.verified, face_matches=form.face_matches
    )
    return ReservationAnswer.of(reset)


@router.post("/cards/{card}/kiosk-resets")
def reset_at_kiosk(registry: TheRegistry, by: By, card: Id, form: KioskForm, key: Key = None) -> DoneAnswer:
    """The holder set the reserved PIN at a kiosk."""
    return DoneAnswer.of(registry.cards.reset_at_kiosk(by.clerk, form.read(card), verified=form.verified, act=key))


@router.post("/phones")
def apply_for_phone(registry: TheRegistry, by: By, form: SignedForm, key: Key = None) -> DoneAnswer:
    """Accept an application for certificates on a phone (公的個人認証法 第16条の2); the new phone is the last one."""
    return DoneAnswer.of(registry.cards.apply_for_phone(by.clerk, form.signed(), act=key))


@router.post("/phones/{phone}/signing-certificates")
def apply_again(registry: TheRegistry, by: By, phone: Id, form: SignedForm, key: Key = None) -> DoneAnswer:
    """Accept an application for another signing certificate on the same phone."""
    return DoneAnswer.of(registry.cards.apply_for_phone_signing_again(by.clerk, phone, form.signed(), act=key))


@router.post("/phones/{phone}/found")
def lift_phone_hold(registry: TheRegistry, by: By, phone: Id, key: Key = None) -> DoneAnswer:
    """The holder found the phone and lifts the hold in the app."""
    return DoneAnswer.of(registry.cards.lift_phone_hold(by.clerk, phone, act=key))


@router.post("/phones/{phone}/given-up")
def give_up_phone(registry: TheRegistry, by: By, phone: Id, key: Key = None) -> DoneAnswer:
    """The holder stops using the phone (第16条の8第3項)."""
    return DoneAnswer.of(registry.cards.give_up_phone(by.clerk, phone, act=key))
