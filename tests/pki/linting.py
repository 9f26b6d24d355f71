"""pkilint, asked about one document."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from pkilint import loader, pkix
from pkilint.pkix import certificate, crl, extension, name, ocsp

Findings = set[tuple[str, str]]
"""Severity and code."""


def lint_certificate(der: bytes) -> Findings:
    """RFC 5280 §4, as the command ``lint_pkix_cert`` has it."""
    return _found(_certificates().validate(loader.load_der_certificate(der, "certificate").root))


def lint_list(der: bytes) -> Findings:
    """RFC 5280 §5, as ``lint_crl --profile PKIX`` has it."""
    return _found(_lists().validate(loader.load_der_crl(der, "list").root))


def lint_answer(der: bytes) -> Findings:
    """RFC 6960 §4.2, as ``lint_ocsp_response`` has it."""
    document = loader.RFC6960OCSPResponseDocumentLoader().load_der_document(der, "answer")
    return _found(_answers().validate(document.root))


def _found(results: Iterable[Any]) -> Findings:
    return {
        (told.finding.severity.name, told.finding.code) for result in results for told in result.finding_descriptions
    }


@cache
def _certificates() -> Any:
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


@cache
def _lists() -> Any:
    return crl.create_pkix_crl_validator_container(
        [
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )


@cache
def _answers() -> Any:
    return ocsp.create_pkix_ocsp_response_validator_container(
        [
            ocsp.create_response_decoder(),
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [],
    )
