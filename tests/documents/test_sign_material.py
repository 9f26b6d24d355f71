"""Evidence that is put into documents: certificates, lists, answers and nothing else."""

import pytest

from tests.documents.world import rsa
from warifu.documents import Material
from warifu.errors import Malformed


@pytest.mark.parametrize("kind", ["certificates", "crls", "ocsps"])
def test_what_is_something_else_is_malformed(kind: str) -> None:
    with pytest.raises(Malformed):
        Material(**{kind: (b"something else",)})


def test_a_certificate_is_no_list() -> None:
    """RFC 5280 §4.1 and §5.1 begin alike."""
    with pytest.raises(Malformed):
        Material(crls=(rsa().certificate,))


def test_two_make_one_with_each_thing_once() -> None:
    holder = rsa()
    both = Material((holder.certificate,)) + Material((holder.issuer.certificate_der, holder.certificate))
    assert both == Material((holder.certificate, holder.issuer.certificate_der))
    assert not both.proves
