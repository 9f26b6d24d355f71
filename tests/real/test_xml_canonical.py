"""Canonical forms of elements anywhere in any document, as xmlsec1 digests them."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.documents.world import AT, rsa
from tests.documents.xml_world import check, only
from tests.real.test_xml_signatures import verified, xmlsec
from warifu.documents import XmlProfile, read_xml, sign_xml
from warifu.town.pool import private_key

pytestmark = pytest.mark.real

WAYS = [
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
]
NAMES = ["urn:a", "urn:b", "urn:c"]
TEMPLATE = """<r xmlns="urn:a" xmlns:p="urn:b" xml:lang="ja">{document}<s xmlns="urn:c">
<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="{way}"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>{references}</SignedInfo>
<SignatureValue/></Signature></s></r>"""


def element(chance: random.Random, depth: int, known: dict[str, str], identifiers: list[str]) -> str:
    """An element with namespaces declared, redeclared and taken back, attributes, texts and more elements."""
    declared = {prefix: chance.choice(NAMES) for prefix in ("p", "q") if chance.random() < 0.3}
    if chance.random() < 0.3:
        declared[""] = chance.choice([*NAMES, ""])
    known = {**known, **declared}
    prefixes = [prefix for prefix in known if prefix]
    name = chance.choice(["e", *(f"{prefix}:e" for prefix in prefixes)])
    attributes = [f'xmlns{":" * bool(prefix)}{prefix}="{uri}"' for prefix, uri in declared.items()]
    attributes += [f'{prefix}:a="&#13; &lt;"' for prefix in prefixes[:1] if chance.random() < 0.4]
    attributes += [f'xml:{what}="x"' for what in ("lang", "space") if chance.random() < 0.15]
    attributes += ['b="&quot;&#9;"'] if chance.random() < 0.3 else []
    identifiers.append(f"i{len(identifiers)}")
    attributes.append(f'Id="{identifiers[-1]}"')
    chance.shuffle(attributes)
    inside = [element(chance, depth - 1, known, identifiers) for _ in range(chance.randint(0, 3) if depth else 0)]
    texts = [
        chance.choice(["", " x&#13;", "漢<!-- c -->字", "<![CDATA[<&]]>", "<?do it?>", "\n"])
        for _ in range(len(inside) + 1)
    ]
    return f"<{name} {' '.join(attributes)}>{texts[0]}{''.join(map(str.__add__, inside, texts[1:]))}</{name}>"


def reference(chance: random.Random, identifier: str) -> str:
    way = chance.choice(WAYS)
    inside = ""
    if way.endswith("exc-c14n#") and chance.random() < 0.5:
        inside = f'<InclusiveNamespaces xmlns="{way}" PrefixList="{chance.choice(["p", "q", "p q", "none"])}"/>'
    return (
        f'<Reference URI="#{identifier}"><Transforms><Transform Algorithm="{way}">{inside}</Transform></Transforms>'
        '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>'
    )


def template(chance: random.Random) -> tuple[str, list[str]]:
    """A document and, in an element beside, a signature over elements of it."""
    identifiers: list[str] = []
    known = {"": "urn:a", "p": "urn:b"}
    document = "".join(element(chance, 4, known, identifiers) for _ in range(3))
    chosen = chance.sample(identifiers, min(30, len(identifiers)))
    references = "".join(reference(chance, each) for each in chosen)
    return (
        TEMPLATE.format(document=document, way=chance.choice(WAYS), references=references),
        chosen,
    )


@pytest.mark.parametrize("seed", range(8))
def test_elements_are_made_canonical_as_xmlsec_makes_them(
    program: Callable[[str], str], tmp_path: Path, seed: int
) -> None:
    program("xmlsec1")
    text, chosen = template(random.Random(seed))
    (tmp_path / "template.xml").write_text(text)
    key = private_key(0).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    ids = [part for uri in ["", *NAMES] for part in ("--id-attr:Id", f"{uri}:e" if uri else "e")]
    code, told = xmlsec(tmp_path, "--sign", "--privkey-pem", "key.pem", *ids, "--output", "out.xml", "template.xml")
    assert code == 0, told
    data = (tmp_path / "out.xml").read_bytes()
    [one] = read_xml(data)
    assert len(one.integrity) == len(chosen)
    assert [each.name for each in one.integrity if each.actual != each.expected] == []
    # Raises if the canonical SignedInfo is another than xmlsec's.
    private_key(0).public_key().verify(one.signature, one.signed, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("profile", XmlProfile)
@pytest.mark.parametrize("seed", range(5))
def test_any_document_is_signed_so_that_xmlsec_believes_it(
    program: Callable[[str], str], tmp_path: Path, seed: int, profile: XmlProfile
) -> None:
    """Whatever namespaces, instructions and odd characters it has, and wherever the signature finds its place."""
    program("xmlsec1")
    chance = random.Random(seed)
    known = {"": "urn:a", "p": "urn:b"}
    inside = "".join(element(chance, 3, known, []) for _ in range(2))
    document = f'<?do it?><!-- c --><r xmlns="urn:a" xmlns:p="urn:b" xml:lang="ja">{inside} end</r><?and this?>'
    data = sign_xml(document.encode(), rsa().witness, AT, profile=profile)
    check(only(data), rsa())
    assert verified(tmp_path, rsa(), data) == 0
