"""Gathering proofs for documents: only where the operator meant to, and only so much."""

import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.documents.world import rsa
from warifu.errors import Malformed, NotAllowed
from warifu.wire.clock import SystemEntropy
from warifu.wire.long_term import Sources, gather_material

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


def leading_inside(*_asked: Any, **_more: Any) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 80))]


def test_a_name_that_leads_into_our_own_network_is_not_asked_for_proofs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", leading_inside)
    with pytest.raises(NotAllowed):
        Sources(proofs=("http://lists.example/root.crl",)).named()


def test_nor_for_the_status_of_the_signer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", leading_inside)
    holder = rsa()
    certificates = (holder.certificate, holder.issuer.certificate_der)
    with pytest.raises(NotAllowed):
        gather_material(certificates, Sources(status="http://ocsp.example/"), NOW, SystemEntropy())


def test_a_file_of_proofs_without_an_end_is_not_read_to_it() -> None:
    with pytest.raises(Malformed, match="larger than"):
        Sources(proofs=("/dev/zero",)).named()
