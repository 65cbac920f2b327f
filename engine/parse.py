"""The one gate for XML: bytes in, a harmless tree out. Knows nothing of BPMN or DMN.

The diagram that is checked, drawn and run is this one tree. Nothing else in this project parses XML from outside.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, NoReturn

from lxml import etree

from engine import limits
from engine.errors import BundleRefused, Finding

_XML = "{http://www.w3.org/XML/1998/namespace}"
_XINCLUDE = "{http://www.w3.org/2001/XInclude}"
_DECLARATION = re.compile(
    rb"""^<\?xml\s+version\s*=\s*(["'])1\.[01]\1(?:\s+encoding\s*=\s*(["'])([A-Za-z][\w.\-]*)\2)?"""
    rb"""(?:\s+standalone\s*=\s*(["'])(?:yes|no)\4)?\s*\?>"""
)
# Invisible characters that turn the reading direction: a label would not say what it seems to say.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def read_xml(name: str, data: bytes) -> etree._Element:
    """The root of an XML document that is safe to read.

    Args:
        name: of the file, for the messages only; never opened.
        data: the content. A path or file object is refused: libxml2 would unzip or fetch what it points at.

    Raises:
        BundleRefused: with one finding that says where and what.
    """
    if not isinstance(data, bytes):
        raise TypeError(f"read_xml wants bytes, not {type(data).__name__}")
    if len(data) > limits.FILE_BYTES:
        _refuse(
            name,
            "file_too_large",
            f"Het bestand is groter dan {limits.FILE_BYTES // 1_000_000} MB. Verdeel het proces over meer bestanden.",
        )
    body = _utf8(name, data)
    target = _Gate(name, body)
    # A target parser sees everything the document holds before a tree exists, also what a tree would hide.
    parser = etree.XMLParser(
        target=target,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=False,
        remove_pis=False,
        strip_cdata=True,
    )
    try:
        etree.fromstring(body, parser)
    except _Refused as refusal:
        raise refusal.error from None
    except etree.XMLSyntaxError as error:
        _broken(name, error)
    return _tree(name, body)


def text_of(element: etree._Element | None) -> str:
    """The whole text of an element, stripped. The gate left no comment in it that could cut it short."""
    return "" if element is None else (element.text or "").strip()


def local(element: etree._Element) -> str:
    """The name without its namespace."""
    return etree.QName(element).localname


def namespace(element: etree._Element) -> str:
    """The namespace; empty text for none."""
    return etree.QName(element).namespace or ""


def line_of(element: etree._Element) -> int:
    """Line in the file; 0 when unknown."""
    line: Any = element.sourceline
    return int(line or 0)


def _utf8(name: str, data: bytes) -> bytes:
    for mark in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(mark):
            _refuse(name, "encoding", "Het bestand is niet in UTF-8 geschreven. Sla het op als UTF-8.")
    body = data.removeprefix(codecs.BOM_UTF8)
    if not body.strip():
        _refuse(name, "file_empty", "Het bestand is leeg.")
    zero = body.find(b"\x00")
    if zero >= 0:
        _refuse(
            name,
            "nul",
            "Het bestand bevat een NUL-teken. Sla het bestand opnieuw op in de modeller.",
            body.count(b"\n", 0, zero) + 1,
        )
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(
            name,
            "encoding",
            "Het bestand is niet in UTF-8 geschreven. Sla het op als UTF-8.",
            body.count(b"\n", 0, error.start) + 1,
        )
    if re.match(rb"<\?xml\s", body):
        declared = _DECLARATION.match(body)
        if declared is None:
            _refuse(name, "encoding", "De eerste regel (<?xml … ?>) is niet goed. Sla het bestand opnieuw op.", 1)
        if (declared[3] or b"utf-8").lower() not in (b"utf-8", b"utf8", b"us-ascii"):
            _refuse(
                name,
                "encoding",
                f"Het bestand zegt dat het in {declared[3].decode('ascii')} is geschreven. Sla het op als UTF-8.",
                1,
            )
    turned = _BIDI.search(text)
    if turned:
        _refuse(
            name,
            "hidden_characters",
            "Het bestand bevat onzichtbare tekens die de leesrichting omkeren. Typ deze tekst opnieuw.",
            text.count("\n", 0, turned.start()) + 1,
        )
    return body


def _tree(name: str, body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:  # a namespace that was never declared shows itself only in a tree
        _broken(name, error)
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str):
            _refuse(
                name, "entity", "Het bestand gebruikt een entiteit (&naam;). Typ de tekst voluit.", element.sourceline
            )
        if tag.startswith(_XINCLUDE):
            _refuse(
                name,
                "xinclude",
                "Het bestand haalt een ander bestand binnen (xi:include). Zet de inhoud in dit bestand.",
                element.sourceline,
            )
        if len(element.attrib) > limits.XML_ATTRIBUTES:
            _refuse(
                name,
                "too_many_attributes",
                f"Dit element heeft meer dan {limits.XML_ATTRIBUTES} kenmerken.",
                element.sourceline,
            )
        for attribute, value in element.attrib.items():
            if str(attribute) == f"{_XML}base":
                _refuse(name, "xml_base", "Het kenmerk xml:base mag niet. Haal het weg.", element.sourceline)
            if len(value) > limits.TEXT_LENGTH:
                _refuse(
                    name,
                    "text_too_long",
                    f"Een tekst is langer dan {limits.TEXT_LENGTH} tekens. Kort hem in.",
                    element.sourceline,
                )
        if len(element.text or "") > limits.TEXT_LENGTH or len(element.tail or "") > limits.TEXT_LENGTH:
            _refuse(
                name,
                "text_too_long",
                f"Een tekst is langer dan {limits.TEXT_LENGTH} tekens. Kort hem in.",
                element.sourceline,
            )
    return root


class _Refused(Exception):
    def __init__(self, error: BundleRefused) -> None:
        self.error = error


class _Gate:
    """Counts while libxml2 reads, so that a bad document stops before it becomes a tree."""

    def __init__(self, name: str, body: bytes) -> None:
        self.name, self.body, self.depth, self.elements = name, body, 0, 0

    def start(self, tag: str | bytes, attrib: object) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > limits.XML_DEPTH:
            self._no(
                "too_deep", f"De elementen zijn dieper genest dan {limits.XML_DEPTH} niveaus. Maak het proces platter."
            )
        if self.elements > limits.XML_ELEMENTS:
            self._no(
                "too_many_elements",
                f"Het bestand heeft meer dan {limits.XML_ELEMENTS} elementen. Verdeel het proces over meer bestanden.",
            )

    def end(self, tag: str | bytes) -> None:
        self.depth -= 1

    def data(self, data: str | bytes) -> None:
        pass

    def comment(self, text: str | bytes) -> None:
        pass

    def pi(self, target: str, data: str | None = None) -> None:
        self._no(
            "processing_instruction",
            f"Het bestand bevat een verwerkingsopdracht (<?{target[:40]} … ?>). Haal die weg.",
            b"<?" + target.encode(),
        )

    def doctype(self, name: str | None, public_id: str | None, system_id: str | None) -> None:
        self._no("doctype", "Het bestand heeft een DOCTYPE. Dat is niet toegestaan; haal die regel weg.", b"<!DOCTYPE")

    def close(self) -> None:
        pass

    def _no(self, code: str, message: str, what: bytes = b"") -> NoReturn:
        at = self.body.find(what) if what else -1
        line = self.body.count(b"\n", 0, at) + 1 if at >= 0 else 0
        raise _Refused(BundleRefused([Finding(code, message, self.name, line)]))


def _refuse(name: str, code: str, message: str, line: Any = 0) -> NoReturn:
    raise BundleRefused([Finding(code, message, name, line or 0)])


def _broken(name: str, error: etree.XMLSyntaxError) -> NoReturn:
    reason = str(error.msg or error).split("\n", 1)[0]
    if reason.startswith("Entity"):
        _refuse(name, "entity", "Het bestand gebruikt een entiteit (&naam;). Typ de tekst voluit.", error.lineno)
    reason = re.sub(r", line \d+, column \d+$", "", reason)[:160]
    _refuse(
        name,
        "xml_broken",
        f"Dit is geen goed gevormd XML ({reason}). Sla het bestand opnieuw op in de modeller.",
        error.lineno,
    )
