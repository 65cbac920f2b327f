"""The one gate for XML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine import limits
from engine.errors import BundleRefused
from engine.parse import read_xml, text_of

BOMB = b'<!DOCTYPE a [<!ENTITY b "boem"><!ENTITY c "&b;&b;&b;&b;">]>\n<a>&c;</a>'

REFUSED = {
    "no content": (b"  \n", "file_empty"),
    "not XML": (b"hallo", "xml_broken"),
    "half a file": (b"<a><b></a>", "xml_broken"),
    "a prefix without a namespace": (b"<a:b/>", "xml_broken"),
    "an attribute twice": (b"<a b='1' b='2'/>", "xml_broken"),
    "a document type": (b"<!DOCTYPE a>\n<a/>", "doctype"),
    "entities": (BOMB, "doctype"),
    "an external entity": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "doctype"),
    "an entity without a type": (b"<a>&x;</a>", "entity"),
    "an instruction before": (b"<?xml-stylesheet href='x'?><a/>", "processing_instruction"),
    "an instruction inside": (b"<a><?php x ?></a>", "processing_instruction"),
    "an instruction after": (b"<a/><?x?>", "processing_instruction"),
    "an include": (b"<a xmlns:i='http://www.w3.org/2001/XInclude'><i:include href='/etc/hostname'/></a>", "xinclude"),
    "another base": (b"<a xml:base='http://example.org/'/>", "xml_base"),
    "a NUL": (b"<a>\x00</a>", "nul"),
    "UTF-16": ("<a/>".encode("utf-16"), "encoding"),
    "UTF-32": ("<a/>".encode("utf-32"), "encoding"),
    "UTF-16 without a mark": ("<a/>".encode("utf-16-le"), "nul"),
    "Latin 1": ("<a>é</a>".encode("latin-1"), "encoding"),
    "a declared UTF-7": (b"<?xml version='1.0' encoding='utf-7'?><a>+ADw-b+AD4-</a>", "encoding"),
    "a declared EBCDIC": (b"<?xml version='1.0' encoding='cp037'?><a/>", "encoding"),
    "a broken declaration": (b"<?xml version='1.0' encoding='utf-8' x='y'?><a/>", "encoding"),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "nul"),
    "turned text": ("<a b='\u202egnimmets'/>".encode(), "hidden_characters"),
    "depth": (b"<a>" * (limits.XML_DEPTH + 1) + b"</a>" * (limits.XML_DEPTH + 1), "too_deep"),
    "many elements": (b"<a>" + b"<b/>" * limits.XML_ELEMENTS + b"</a>", "too_many_elements"),
    "many attributes": (
        b"<a " + b" ".join(b"a%d='1'" % number for number in range(limits.XML_ATTRIBUTES + 1)) + b"/>",
        "too_many_attributes",
    ),
    "a long text": (b"<a>" + b"x" * (limits.TEXT_LENGTH + 1) + b"</a>", "text_too_long"),
    "a long attribute": (b"<a b='" + b"x" * (limits.TEXT_LENGTH + 1) + b"'/>", "text_too_long"),
    "a large file": (b"<a>" + b" " * limits.FILE_BYTES + b"</a>", "file_too_large"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_plain_xml_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(BundleRefused) as refused:
        read_xml("proef.bpmn", data)

    [finding] = refused.value.findings
    assert (finding.file, finding.code) == ("proef.bpmn", code)
    assert str(finding).startswith("proef.bpmn")
    assert finding.message.endswith(".")


def test_lxml_alone_expands_entities_that_we_refuse() -> None:
    assert etree.fromstring(BOMB).text == "boem" * 4

    with pytest.raises(BundleRefused):
        read_xml("proef.bpmn", BOMB)


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(BundleRefused) as refused:
        read_xml("proef.bpmn", b"<a>\n<b>\n<?x?></b></a>")

    assert "proef.bpmn regel 3" in str(refused.value)


def test_only_bytes_come_in() -> None:
    for wrong in ("<a/>", "/etc/hostname", None, bytearray(b"<a/>")):
        with pytest.raises(TypeError):
            read_xml("proef.bpmn", wrong)  # type: ignore[arg-type]


def test_a_comment_does_not_cut_a_text() -> None:
    data = b"<a>akkoord<!-- of toch niet --> and <![CDATA[x < 3]]></a>"

    assert etree.fromstring(data).text == "akkoord"
    assert text_of(read_xml("proef.bpmn", data)) == "akkoord and x < 3"


@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", b"<?xml version='1.0' encoding='UTF-8'?>\n"])
def test_plain_xml_passes_whole(head: bytes) -> None:
    root = read_xml("proef.bpmn", head + "<a b='één'><c>ž 🙂</c></a>".encode())

    assert (root.tag, root.get("b"), root[0].text) == ("a", "één", "ž 🙂")


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(str.encode)
    | st.text("<>&;!?/a[]'\"= -", max_size=60).map(str.encode)
)
def test_any_bytes_give_a_tree_or_a_refusal(data: bytes) -> None:
    try:
        root = read_xml("proef.bpmn", data)
    except BundleRefused:
        return
    assert isinstance(root.tag, str)
