"""Bytes to text as browsers do it: BOM, HTTP header, meta prescan, XML declaration, then detection.

Reference: WHATWG Encoding and HTML "determining the character encoding". Beyond them: a declared charset the bytes
plainly contradict loses to valid UTF-8, and where nothing is declared the content decides (UTF-8 validity, then
charset-normalizer on a bounded prefix). Cost: one pass over the bytes for UTF-8. Blind spot: short undeclared
single-byte texts.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from extractors.errors import UndecodableInput

PRESCAN_BYTES = 4096
"""Bytes searched for a declaration; browsers read 1024, real pages put long comments and scripts before it."""
DETECT_BYTES = 32_768
"""Bytes given to the detector: its time grows with them, its answers no longer change."""
MAX_JUNK_RATIO = 0.1
"""Share of characters (replacement, control) above which the bytes are no text, exclusive."""
JUNK_CHARS = 8192
JUNK_STEP = 8
"""Characters looked at for junk, and the distance between them: a share needs no more."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of some bytes and how it was found."""

    text: str
    charset: str
    """WHATWG name."""
    source: str
    """bom, header, meta, utf-8 (validity), detected or fallback."""
    num_replaced: int
    """Replacement characters put where bytes had no meaning; 1 where the text's last character was cut through."""
    utf8: bytes | None = None
    """The text in UTF-8, where that is the input as it stands."""


_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "gb18030": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms_kanji": "cp932",
    "euc-jp": "euc_jp",
    "x-euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "korean": "cp949",
    "windows-949": "cp949",
    "x-mac-cyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "koi8-u": "koi8_u",
    "koi8-r": "koi8_r",
    "koi8": "koi8_r",
    "iso-8859-8-i": "iso8859_8",
    "visual": "iso8859_8",
    "logical": "iso8859_8",
}
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
_META = re.compile(rb"<meta[^>]{0,512}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.\-]{2,40})", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,128}?encoding\s*=\s*[\"']([a-zA-Z0-9_:.\-]{2,40})[\"']", re.I)
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_WESTERN = frozenset("äöüßÄÖÜéèêëçàâîïôûùÉÈÊÇÀÂÎÔñÑáíóúÁÍÓÚ¿¡åæøÅÆØãõÃÕœŒìò«»…“”„‚’‘–—•©®°§·´\u00a0€£²½ªº™")
_HIGH_RUN = re.compile("[\u00c0-\u00ff]{4}")
_CANDIDATES = [
    "iso8859_6",
    "iso8859_4",
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp1258",
    "iso8859_2",
    "iso8859_5",
    "iso8859_7",
    "iso8859_8",
    "koi8_r",
    "koi8_u",
    "cp866",
    "cp855",
    "cp874",
    "mac_cyrillic",
    "gb18030",
    "big5hkscs",
    "big5",
    "euc_jp",
    "cp932",
    "shift_jis",
    "euc_kr",
    "cp949",
    "johab",
    "cp862",
    "cp720",
]
_HIGH = bytes(range(128, 256))
_JUNK = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_NO_TEXT = frozenset(
    {
        "utf_7",
        "base64",
        "rot_13",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "mbcs",
        "oem",
    }
)


def codec_name(label: str) -> str | None:
    """Python codec for a charset label as the WHATWG reads it, None where no text codec has the name."""
    label = label.strip().strip("\"'").lower()
    known = _CODECS.get(label)
    if known:
        return known
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    name = info.name.replace("-", "_")
    if name in _NO_TEXT or not getattr(info, "_is_text_encoding", True):
        return None
    return _CODECS.get(info.name, info.name)


def whatwg_name(codec: str) -> str:
    """Name the WHATWG gives the charset of a Python codec."""
    return _NAMES.get(codec, codec.replace("_", "-").replace("iso8859", "iso-8859").replace("cp125", "windows-125"))


_NAMES = {
    "gb18030": "gb18030",
    "big5hkscs": "big5",
    "cp932": "shift_jis",
    "euc_jp": "euc-jp",
    "cp949": "euc-kr",
    "cp874": "windows-874",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "mac_cyrillic": "x-mac-cyrillic",
    "mac_roman": "macintosh",
    "cp866": "ibm866",
}


def declared(data: bytes) -> str | None:
    """Codec the document itself declares in its first bytes, None where it declares none that can be read."""
    head = data[:PRESCAN_BYTES]
    if b"<!--" in head:
        head = _COMMENT.sub(b"", head)
    for pattern in (_XML, _META):
        found = pattern.search(head)
        if found:
            codec = codec_name(found[1].decode("ascii"))
            if codec and not codec.startswith("utf-16"):  # readable as ASCII, so it is no UTF-16: the WHATWG says UTF-8
                return codec
            if codec:
                return "utf-8"
    return None


def decode(data: bytes, header: str | None = None) -> Decoded:
    """Text of `data`; never fails. `header` is the HTTP header's charset. Undecodable bytes become U+FFFD, counted."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _read(data[len(bom) :], codec_name(name) or "utf-8", "bom")
    if _has_zero_bytes(data):
        even, odd = data[:4096:2].count(0), data[1:4096:2].count(0)
        return _read(data, "utf-16-le" if odd >= even else "utf-16-be", "detected")
    utf8, num_cut = _strict_utf8(data, header)
    if utf8 is not None:
        return _escaped(data, utf8, num_cut, header)
    for codec, source in ((header and codec_name(header), "header"), (declared(data), "meta")):
        if codec and codec != "utf-8":
            found = _read(data, codec, source)
            if found.num_replaced * 20 <= _num_high(data):
                return found
    return _detect(data)


def _has_zero_bytes(data: bytes) -> bool:
    """About every second byte is zero and the others are not: UTF-16 of a western script without its mark."""
    head = data[:4096]
    zeros = head.count(0)
    return len(head) > 3 and 3 * len(head) <= 10 * zeros <= 6 * len(head)


def _num_high(data: bytes) -> int:
    return len(data) - len(data.translate(None, _HIGH))


def _stated(data: bytes, header: str | None) -> str | None:
    return (header and codec_name(header)) or declared(data)


def _strict_utf8(data: bytes, header: str | None) -> tuple[str | None, int]:
    """The text where the bytes are UTF-8, and the characters that their end cuts through: 0 or 1.

    ASCII with one byte more is UTF-8 only where that is declared: it may as well be `café` in windows-1252.
    """
    try:
        return data.decode("utf-8"), 0
    except UnicodeDecodeError as error:
        whole, is_cut = data[: error.start], error.reason == "unexpected end of data"
    if is_cut and whole.isascii():
        codec = _stated(data, header)
        is_cut = codec == "utf-8" or (codec is None and len(data) > len(whole) + 1)
    return (whole.decode("utf-8"), 1) if is_cut and whole else (None, 0)


def _escaped(data: bytes, utf8: str, num_cut: int, header: str | None) -> Decoded:
    """The UTF-8 text, unless seven-bit bytes hide an escaping charset."""
    if data.isascii() and (b"\x1b" in data or b"~{" in data):
        codec = _stated(data, header)
        if codec in ("iso2022_jp", "iso2022_kr", "hz"):
            return _read(data, codec, "meta")
        if re.search(rb"\x1b\$[@B]", data[: 8 * DETECT_BYTES]):
            return _read(data, "iso2022_jp", "detected")
        if b"\x1b$)C" in data[:4096]:
            return _read(data, "iso2022_kr", "detected")
    return Decoded(utf8, "utf-8", "utf-8", num_cut, None if num_cut else data)


def _read(data: bytes, codec: str, source: str) -> Decoded:
    text = data.decode(codec, "replace")
    return Decoded(text, whatwg_name(codec), source, text.count("\ufffd"))


def _detect(data: bytes) -> Decoded:
    utf8 = data.decode("utf-8", "replace")
    bad = utf8.count("\ufffd")
    if bad * 10 < _num_high(data):
        return Decoded(utf8, "utf-8", "utf-8", bad)
    sample = _visible(data)[:DETECT_BYTES]
    if _is_western(sample):
        return _read(data, "cp1252", "detected")
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_CANDIDATES).best()
    codec = codec_name(best.encoding) if best else None
    return _read(data, codec or "cp1252", "detected" if codec else "fallback")


def _is_western(sample: bytes) -> bool:
    """All letters beyond ASCII are those of the large western languages when read as windows-1252, and stand in
    words."""
    text = sample.decode("cp1252", "replace")
    high = [char for char in text if char > "\x7f"]
    if not high or any(char not in _WESTERN for char in high) or _HIGH_RUN.search(text):
        return False
    return "õ" not in high or "û" not in high or "ã" in high


def _visible(data: bytes) -> bytes:
    """The bytes outside tags and scripts, so that the detector sees text and not ASCII markup."""
    data = re.sub(rb"(?is)<(script|style)\b.*?</\1>", b" ", data[: 8 * DETECT_BYTES])
    return re.sub(rb"<[^>]*>", b" ", data)


def undecodable(text: str) -> UndecodableInput | None:
    """The error of a text that is binary junk, None for text; judged by every eighth character of its beginning."""
    sample = text[: JUNK_CHARS * JUNK_STEP : JUNK_STEP]
    junk = len(_JUNK.findall(sample))
    if junk > MAX_JUNK_RATIO * len(sample):
        return UndecodableInput(f"{junk} of {len(sample)} characters are no text")
    return None
