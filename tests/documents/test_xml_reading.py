"""XML signatures as they are found: what is told, and what is given back as signed."""

import hashlib
from collections.abc import Callable

import pytest
from lxml import etree

from tests.documents.world import AT, HOLDERS, Holder, rsa
from tests.documents.xml_world import DEED, FILE, beside, changed, check, faults, found, only, signed, written
from warifu.documents import FaultCode, Form, XmlProfile, read_signatures, read_xml, sign_xml, signed_content
from warifu.errors import Malformed, NotAllowed, NotFound

holders = pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
profiles = pytest.mark.parametrize("profile", XmlProfile)
FORMS = {XmlProfile.XADES: Form.XADES, XmlProfile.XMLDSIG: Form.XMLDSIG}


@holders
@profiles
def test_what_is_signed_is_found_and_holds(make: Callable[[], Holder], profile: XmlProfile) -> None:
    holder = make()
    one = only(sign_xml(DEED, holder.witness, AT, profile=profile))
    check(one, holder)
    assert one.form is FORMS[profile]
    assert one.coverage is not None
    assert one.coverage.whole
    assert one.claimed_at == (AT if profile is XmlProfile.XADES else None)


@holders
@profiles
def test_a_file_beside_it_is_what_a_detached_signature_is_about(
    make: Callable[[], Holder], profile: XmlProfile
) -> None:
    holder = make()
    data = sign_xml(FILE, holder.witness, AT, profile=profile, name="a file")
    check(only(data, FILE), holder)
    assert only(data).integrity[0].actual is None
    other = only(data, FILE + b"!").integrity[0]
    assert other.actual == hashlib.new(other.algorithm, FILE + b"!").digest() != other.expected


@profiles
def test_one_element_is_signed_and_only_that_is_told(profile: XmlProfile) -> None:
    data = signed(profile, "A")
    one = only(data)
    check(one)
    assert one.coverage is not None
    assert not one.coverage.whole
    assert signed_content(data, one.place) == ('<part xmlns="urn:x:deed" Id="A">譲渡<b></b></part>'.encode(),)


@profiles
def test_the_bytes_that_were_signed_are_given_back(profile: XmlProfile) -> None:
    """W3C XML Signature 1.1 §8.1.3: see what is signed, in the form in which it was digested."""
    data = signed(profile)
    canonical = etree.tostring(etree.fromstring(DEED), method="c14n")
    assert signed_content(data, only(data).place) == (canonical,)
    assert signed_content(beside(profile), only(beside(profile)).place, FILE) == (FILE,)


def test_comments_are_not_signed_and_not_given_back() -> None:
    """A comment in the middle of a text makes some programs see only what is in front of it."""
    data = signed().replace("譲渡".encode(), "譲<!-- only in part -->渡".encode())
    check(only(data))
    assert "譲渡".encode() in signed_content(data, only(data).place)[0]


def test_nothing_is_given_back_of_a_signature_with_faults_or_without_its_file() -> None:
    data = changed(signed(XmlProfile.XADES, "A"), lambda root: root.append(root.makeelement("more")))
    with pytest.raises(Malformed):
        signed_content(data, only(data).place)
    with pytest.raises(Malformed):
        signed_content(beside(), only(beside()).place)
    with pytest.raises(NotFound):
        signed_content(signed(), "another")


def test_the_format_is_told_by_the_first_bytes() -> None:
    assert read_signatures(signed()) == read_xml(signed())
    assert read_signatures(b"\xef\xbb\xbf" + signed())[0].faults == ()
    assert read_signatures(beside(), detached=FILE) == read_xml(beside(), FILE)


def test_xml_without_a_signature_is_malformed() -> None:
    with pytest.raises(Malformed):
        read_xml(DEED)


def test_text_and_instructions_around_and_inside_are_signed_with_the_document() -> None:
    deed = b'<?show it?>\n<deed a="1" b="2">one<b/>two <?and this?></deed>\n'
    data = sign_xml(deed, rsa().witness, AT)
    check(only(data))
    for old, new in ((b"<?show it?>", b"<?show no?>"), (b"two", b"too"), (b"<?and this?>", b"")):
        [first, *_] = only(data.replace(old, new)).integrity
        assert first.actual != first.expected, old


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "Shift_JIS", "EUC-JP"])
def test_documents_are_read_and_written_in_their_encoding(encoding: str) -> None:
    deed = f'<?xml version="1.0" encoding="{encoding}"?><deed>譲渡</deed>'.encode(encoding)
    data = sign_xml(deed, rsa().witness, AT)
    check(only(data))
    assert signed_content(data, only(data).place) == ("<deed>譲渡</deed>".encode(),)
    assert etree.fromstring(data).getroottree().docinfo.encoding == encoding


@pytest.mark.parametrize("profile", XmlProfile)
def test_attributes_of_xml_around_an_element_are_signed_with_it_where_the_form_says_so(profile: XmlProfile) -> None:
    """Canonical XML 1.0 §2.4: ``xml:lang`` is inherited; exclusive canonical XML leaves it out."""
    data = signed(profile, "A")
    lang = data.replace(b"<deed ", b'<deed xml:lang="ja" ')
    first = only(lang).integrity[0]
    assert (first.actual == first.expected) == (profile is XmlProfile.XADES)
    assert faults(lang) == {FaultCode.UNSIGNED_CONTENT}


def test_a_second_signature_inside_would_break_the_first_so_it_stands_beside() -> None:
    """The enveloped transform takes out one signature only (W3C XML Signature 1.1 §6.6.4)."""
    holder = rsa()
    with pytest.raises(NotAllowed):
        sign_xml(signed(), holder.witness, AT)
    assert len(holder.asked) == 0
    check(only(sign_xml(signed(), holder.witness, AT, name="deed.xml"), signed()), holder)


def test_an_element_beside_which_nobody_signs_the_rest_is_not_signed() -> None:
    holder = rsa()
    with pytest.raises(NotAllowed):
        sign_xml(DEED.replace(b"<part", b"<rest/><part"), holder.witness, AT, element="A")
    assert holder.asked == []


def test_a_signature_without_an_identifier_of_its_own_is_told_by_its_number() -> None:
    def forget(root: etree._Element) -> None:
        del found(root, "//ds:Signature")[0].attrib["Id"]

    assert only(changed(signed(XmlProfile.XMLDSIG), forget)).place == "signature 1"


def test_a_document_that_was_written_otherwise_holds() -> None:
    """What canonical XML makes equal: quotes, order of attributes, empty elements, references to characters."""
    deed = b'<deed a="1" b="2"><c/>x</deed>'
    data = sign_xml(deed, rsa().witness, AT)
    other = (
        data.replace(b'a="1" b="2"', b"b='&#50;'  a='1'").replace(b"<c/>", b"<c></c >").replace(b"x<ds", b"&#x78;<ds")
    )
    assert other != data
    check(only(other))
    assert written(etree.fromstring(other)) != other


@profiles
def test_a_default_namespace_from_further_out_is_every_elements(profile: XmlProfile) -> None:
    """Canonical XML 1.0 §2.3: only where the parent's is another does ``xmlns`` appear."""
    deed = b'<deed xmlns="urn:x:deed"><part Id="A"><a><b><c xmlns=""><d/></c></b></a></part></deed>'
    data = sign_xml(deed, rsa().witness, AT, profile=profile, element="A")
    assert signed_content(data, only(data).place) == (
        b'<part xmlns="urn:x:deed" Id="A"><a><b><c xmlns=""><d></d></c></b></a></part>',
    )
