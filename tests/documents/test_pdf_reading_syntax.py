"""The objects of PDF (ISO 32000-1 §7.2, §7.3), beside what pyHanko reads and writes."""

import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils import generic

from warifu.documents.pdf_reading_limits import Work
from warifu.documents.pdf_reading_streams import unpack
from warifu.documents.pdf_reading_syntax import (
    DEEPEST,
    Name,
    Reference,
    Stream,
    Text,
    Value,
    parse_value,
    parse_with_spans,
)
from warifu.errors import Malformed

READ: list[tuple[bytes, Value]] = [
    (b"17", 17),
    (b"-17", -17),
    (b"+17.", 17.0),
    (b"-.5", -0.5),
    (b"true", True),
    (b"false", False),
    (b"null", None),
    (b"/Name", Name(b"Name")),
    (b"/", Name(b"")),
    (b"/A#42#2fC", Name(b"AB/C")),
    (b"/A#4", Name(b"A#4")),
    (b"(a(b)c)", Text(b"a(b)c")),
    (rb"(\(\)\\\n\r\t\b\f\x)", Text(b"()\\\n\r\t\b\fx")),
    (rb"(\0\53\0053\777)", Text(b"\0+\0053\xff")),
    (b"(a\\\nb\\\r\nc\rd\r\ne)", Text(b"abc\nd\ne")),
    (b"<4a 4B\n4>", Text(b"JK@")),
    (b"<>", Text(b"")),
    (b"12 0 R", Reference(12, 0)),
    (b"12\0 0\fR", Reference(12, 0)),
    (b"[12 0 R 3 4]", [Reference(12, 0), 3, 4]),
    (b"[1 2 Rx]", None),
    (b"<</A/B/C[1(x)]/D<<>>>>", {b"A": Name(b"B"), b"C": [1, Text(b"x")], b"D": {}}),
    (b"% a comment\r\n%another\n 5", 5),
    (b"[1%2]\n3]", [1, 3]),
]


@pytest.mark.parametrize(("written", "value"), READ)
def test_each_kind_of_object_is_read(written: bytes, value: Value) -> None:
    if written == b"[1 2 Rx]":
        with pytest.raises(Malformed):
            parse_value(written, 0)
        return
    found, end = parse_value(written + b" /after", 0)
    assert (found, type(found)) == (value, type(value))
    assert end == len(written)


NO_OBJECTS = b"|%|]|>>|<|<4x>|(|(()|[|<<|<</A|<</A>>|<<1 2>>|nul|R|{}|--1|<</A 1/A 1>>|<</A 1/#41 1>>".split(b"|")


@pytest.mark.parametrize("written", [*NO_OBJECTS, b" ", b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)])
def test_what_is_no_object_is_malformed(written: bytes) -> None:
    with pytest.raises(Malformed):
        parse_value(written, 0)


def test_a_dictionary_says_where_its_values_stand() -> None:
    written = b"<< /A (x) /B<00>/C 1 0 R >>"
    parsed = parse_with_spans(written, 0)
    assert {key: written[slice(*span)] for key, span in parsed.spans.items()} == {
        b"A": b"(x)",
        b"B": b"<00>",
        b"C": b"1 0 R",
    }
    assert parsed.end == len(written)
    assert parse_with_spans(b"17", 0).spans == {}


LEAVES = st.one_of(
    st.booleans(),
    st.none(),
    st.integers(-(10**9), 10**9),
    st.binary(max_size=20).map(Text),
    st.text("ABCabc123-_+", min_size=1, max_size=8).map(lambda text: Name(text.encode())),
    st.builds(Reference, st.integers(0, 10**6), st.integers(0, 65535)),
)
NAMES = st.text("ABCabc123", min_size=1, max_size=5).map(str.encode)
VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4))
)


def in_pyhanko(value: Any) -> Any:
    match value:
        case dict():
            return generic.DictionaryObject(
                {generic.NameObject("/" + key.decode()): in_pyhanko(each) for key, each in value.items()}
            )
        case Reference():
            return generic.IndirectObject(value.number, value.generation, None)
        case list():
            return generic.ArrayObject(map(in_pyhanko, value))
        case Name():
            return generic.NameObject("/" + value.decode())
        case Text():
            return generic.ByteStringObject(value)
        case bool():
            return generic.BooleanObject(value)
        case int():
            return generic.NumberObject(value)
    return generic.NullObject()


@given(VALUES)
def test_what_pyhanko_writes_is_read(value: Any) -> None:
    out = BytesIO()
    in_pyhanko(value).write_to_stream(out, None)
    assert parse_value(out.getvalue() + b" ", 0) == (value, len(out.getvalue()))


@given(st.lists(st.tuples(st.integers(0, 4), st.binary(min_size=5, max_size=5)), min_size=1, max_size=12))
def test_predicted_rows_are_read_as_pillow_reads_them(rows: list[tuple[int, bytes]]) -> None:
    """ISO/IEC 15948 §9.2: a grey image of five columns has the same rows."""
    packed = zlib.compress(b"".join(bytes([kind]) + row for kind, row in rows))
    parameters: dict[bytes, Value] = {b"Predictor": 15, b"Columns": 5}
    found = unpack(Stream({b"Filter": Name(b"FlateDecode"), b"DecodeParms": parameters}, packed), Work())
    head = (5).to_bytes(4) + len(rows).to_bytes(4) + bytes([8, 0, 0, 0, 0])
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    with Image.open(BytesIO(png)) as image:
        assert found == image.tobytes()


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


@pytest.mark.parametrize(
    "parameters",
    [
        {b"Predictor": 2},
        {b"Predictor": 12, b"Columns": 5, b"Colors": 3},
        {b"Predictor": 16},
        {b"Predictor": 12, b"Columns": 4},
    ],
)
def test_other_predictors_are_not_read(parameters: dict[bytes, Value]) -> None:
    """Nobody writes the structure of a file as an image."""
    packed = zlib.compress(bytes(12))
    with pytest.raises(Malformed):
        unpack(Stream({b"Filter": [Name(b"FlateDecode")], b"DecodeParms": [parameters]}, packed), Work())


def test_the_structure_is_packed_once() -> None:
    twice: list[Value] = [Name(b"FlateDecode"), Name(b"FlateDecode")]
    with pytest.raises(Malformed):
        unpack(Stream({b"Filter": twice}, zlib.compress(zlib.compress(b"x"))), Work())


@pytest.mark.parametrize("packed", [b"", b"no zlib", zlib.compress(b"x" * 99)[:-6]])
def test_what_cannot_be_unpacked_is_malformed(packed: bytes) -> None:
    with pytest.raises(Malformed):
        unpack(Stream({b"Filter": Name(b"FlateDecode")}, packed), Work())
