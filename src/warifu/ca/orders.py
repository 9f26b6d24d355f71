"""From the register's order to an application: what the authority adds is the end of validity."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from warifu.ca.admission import card_certificate, room_for
from warifu.ca.application import CertificateApplication
from warifu.ca.profiles import profile_for
from warifu.ca.record import Entry
from warifu.errors import NotAllowed
from warifu.messages import CertificateOrder, SignedApplication
from warifu.person import SIGNING_AGE, Municipality
from warifu.pki import JST, CertificateKind, EndEntityCertificate, Medium, check_signature_by, not_after

APPLIED_WITHIN = timedelta(minutes=15)
"""How long before its order an application for a phone was signed. Modelled."""


def application_of(
    order: CertificateOrder,
    municipality: Municipality,
    live: Iterable[Entry],
    now: datetime,
    signed_with: bytes | None = None,
) -> CertificateApplication:
    """The application that an order stands for; `live` are all live certificates of the holder.

    `signed_with` is for a phone: the signing certificate (DER) that the record has under the number in the application.
    A signing certificate never outlives the holder's authentication certificate, so of two orders for one card that for
    authentication comes first.

    Raises:
        NotAllowed: the municipality is another one, a certificate stands in the way, a phone's does not stand on a
            card's or was applied for with another certificate or at another time, or the holder is too young to sign.
        WrongSignature: the card's signing key did not sign the application for a phone.
    """
    if municipality.code != order.municipality:
        raise NotAllowed("the order is of another municipality")
    entries = [entry for entry in live if entry.is_live(now)]
    if order.application is not None:
        _check_signed(order, order.application, entries, now, signed_with)
    application = _without_end(order, municipality)
    replaced = room_for(application, entries, now, renewal=order.renewal)
    if application.medium is Medium.PHONE:
        return replace(application, not_after=_end_on_phone(application, entries, now))
    _check_age(order, now)
    return replace(application, not_after=_end_on_card(order, application, replaced, entries, now))


def _without_end(order: CertificateOrder, municipality: Municipality) -> CertificateApplication:
    medium = Medium(order.medium.value)
    return CertificateApplication(
        kind=CertificateKind(order.kind.value),
        holder=order.holder,
        municipality=municipality,
        public_key_info=order.public_key_info,
        not_after=order.card_not_after,
        attributes=order.attributes,
        medium=medium,
        card=order.card,
        as_of=order.at,
        signed_with=None if order.application is None else order.application.read().signed_with,
    )


def _check_signed(
    order: CertificateOrder, signed: SignedApplication, live: list[Entry], now: datetime, certificate: bytes | None
) -> None:
    """Check that the holder applied for a phone's certificate with the card that the holder has now, and just now.

    The order is for the kind and key of the application and has its id (`CertificateOrder`), and a letter's id counts
    once: so nothing is issued twice for one signature.

    Source: 公的個人認証法 第16条の2第2項, 第35条の2; 施行令 第7条の2.
    """
    applied, signing = signed.read(), card_certificate(CertificateKind.SIGNING, live, now)
    if signing is None:
        raise NotAllowed("a phone's certificate needs a signing certificate on the card that may be used")
    if certificate is None or applied.signed_with != signing.serial_number:
        raise NotAllowed("the application was not signed with the card's signing certificate")
    read = EndEntityCertificate.decode(certificate)
    assert read.serial_number == applied.signed_with, "found under this number"
    check_signature_by(read.public_key, signed.signature, signed.application)
    if not timedelta(0) <= order.at - applied.at <= APPLIED_WITHIN:
        raise NotAllowed("the application was not signed just before the order")


def _end_on_phone(application: CertificateApplication, live: list[Entry], now: datetime) -> datetime:
    below = card_certificate(application.kind, live, now)
    if below is None:
        raise NotAllowed("a phone's certificate needs the card's certificate of the same kind")
    return below.not_after


def _end_on_card(
    order: CertificateOrder,
    application: CertificateApplication,
    replaced: Entry | None,
    live: list[Entry],
    now: datetime,
) -> datetime:
    birthdays = profile_for(application.kind, Medium.CARD, application.public_key_info).birthdays
    assert birthdays is not None, "a card's profile counts birthdays"
    by_birthday = not_after(
        order.birth_date.date,
        now,
        authentication_expires=_end_of_authentication(application, live),
        birthdays=birthdays + (replaced is not None and is_about_to_end(replaced, now)),
    )
    return min(by_birthday, order.card_not_after)


def _end_of_authentication(application: CertificateApplication, live: list[Entry]) -> datetime | None:
    if application.kind is not CertificateKind.SIGNING:
        return None
    of_kind = (each for each in live if each.kind is CertificateKind.AUTHENTICATION and each.medium is Medium.CARD)
    return next((each.not_after for each in of_kind), None)


def is_about_to_end(entry: Entry, now: datetime) -> bool:
    """Whether less than three months of validity are left, so that its successor gets one birthday more.

    Months are those of the calendar in Japan (民法 第143条). Source: 公的個人認証法施行規則 第13条, 第49条.
    """
    return _three_months_after(now.astimezone(JST).date()) > entry.not_after.astimezone(JST).date()


def _three_months_after(day: date) -> date:
    """The corresponding day three months on, or the last day of that month if it has none."""
    year, month = day.year + (day.month + 2) // 12, (day.month + 2) % 12 + 1
    for corresponding in range(day.day, 27, -1):
        try:
            return date(year, month, corresponding)
        except ValueError:
            continue
    return date(year, month, day.day)


def _check_age(order: CertificateOrder, now: datetime) -> None:
    if order.attributes is None:
        return
    born, today = order.birth_date.date, now.astimezone(JST).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age < SIGNING_AGE:
        raise NotAllowed("the holder is too young for a signing certificate")
