"""Licences named in a sentence: SPDX tags, the GNU notices, "licensed under the …", dual and triple notices.

Method: regular expressions over the words of a text (`words.words_of`), each licence with the words before it that make
the mention a grant. Cost: linear in the text, which the caller cuts. Blind spot: a sentence that denies ("not under
the GPL") is read as the grant it quotes, except for the few forms listed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.code.licences.spdx import combine, expression_of, gnu
from extractors.code.licences.words import words_of

_TAG = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]{1,200})")
_TAG_END = re.compile(r"\s*(?:\*/|-->|\*\)|--\}\}|%\}|\"\"\"|'''|#\}|\"|,|\\n).*")
_PLUS = re.compile(r"(?<=[\dLl])\+(?![\w+])")

_GNU = re.compile(
    r"\b(?:gnu )?(?:(?P<word>affero|lesser|library|free documentation)(?: or (?:lesser|library))? )?(?:gnu )?"
    r"(?:(?:general )?public|documentation|(?<=documentation)) licenses?\b|\b(?P<short>[al]?gpl|gfdl)(?:v ?)?(?P<number>\d(?: \d)?)?\b"
)
_VERSION = re.compile(
    r"(?:^|(?P<before>\b(?:version|v|ver|either version))) ?v?(?P<major>[123])(?: (?P<minor>[0-3]))?(?! ?(?:clause|\d{2}))\b"
)
_LATER = re.compile(
    r"\bany (?:later|newer|higher|subsequent)|\bor (?:any )?(?:later|newer|higher|above|greater)\b|\bor at your (?:option|choice) (?:any|a) (?:later|newer)"
    r"|\band later\b|\bor at your option later\b"
)
_GRANT = re.compile(
    r"\b(?:licensed?|licensing|licenses|terms|under|redistribut\w*|distributed|released?|covered|governed|permission|available|copying|free software|subject|same|conditions|copyright|provided)\b"
)
_DENIED = re.compile(r"\b(?:not|incompatible|isnt|compatible with|unlike|except|other than)(?: \w+){0,4}$")

_NAMED: tuple[tuple[str, str], ...] = (
    ("Apache-2.0", r"apache(?: software)? licenses?(?: (?:version|v|ver))? ?v?2(?: 0)?\b|apache org licenses license 2 0|\bapache (?:version |v )?2(?: 0)?\b(?: license)?|\basl ?2(?: 0)?\b"),
    ("Apache-1.1", r"apache(?: software)? license (?:version )?1 1\b"),
    ("MPL-2.0", r"mozilla public license(?: (?:version|v))? 2(?: 0)?\b|\bmpl (?:v(?:ersion)? ?)?2(?: 0)?\b|mozilla org mpl 2 0"),
    ("MPL-1.1", r"mozilla public license(?: (?:version|v))? 1 1\b|\bmpl 1 1\b"),
    ("EPL-2.0", r"eclipse public license(?: (?:version|v))? 2(?: 0)?\b|epl (?:v )?2 0\b"),
    ("EPL-1.0", r"eclipse public license(?: (?:version|v|v1))? ?1? ?0?\b(?! 2)|\bepl (?:v )?1 0\b"),
    ("CDDL-1.0", r"common development and distribution license|\bcddl\b"),
    ("CPL-1.0", r"common public license\b"),
    ("BSL-1.0", r"boost software license\b"),
    ("Artistic-2.0", r"artistic license(?: (?:version|v))? ?2(?: 0)?\b"),
    ("Artistic-1.0-Perl OR GPL-1.0-or-later", r"same terms as (?:the )?(?:perl|licen[sc]e terms of perl)|(?:same )?(?:terms|license) (?:and conditions )?(?:as|of) (?:the )?perl(?: \d| itself| interpreter| programming|$)|under the (?:same )?perl(?: \d)? license|terms of either (?:the )?(?:a )?(?:gnu general public license|perl|artistic)"),
    ("Artistic-1.0-Perl", r"(?:perl )?artistic license\b"),
    ("Zlib", r"zlib(?: libpng)?(?: style)? license\b"),
    ("MIT", r"\b(?:mit|expat)(?: x11| x| expat| style| open source| like)? licen[sc]ed?\b|licen[sc]ed? (?:is )?(?:under )?(?:the )?(?:mit|expat)\b|x11 mit license|opensource org licenses mit|terms of the mit\b|mit licensed|\bunder (?:the )?(?:mit|expat)(?: terms)?\b|released under mit"),
    ("BSD-2-Clause", r"(?:2|two) clause(?: freebsd| simplified)? bsd|bsd (?:2|two) clause|bsd2|simplified bsd|\bfreebsd license|opensource org licenses bsd 2"),
    ("BSD-4-Clause", r"(?:4|four) clause bsd|bsd (?:4|four) clause|original bsd license"),
    ("BSD-3-Clause", r"(?:(?:3|three) clause|new|modified|revised)(?: style)? bsd|bsd (?:3|three) clause|bsd3|(?:berkeley software distribution|bsd)(?: style| type| like| new| open source)? (?:open source )?(?:software )?licen[sc]ed?\b|licen[sc]e bsd\b|opensource org licenses bsd (?:license|3)|\bbsd licensed\b|terms of the bsd\b"),
    ("ISC", r"\bisc(?: style)? license\b|licen[sc]e isc\b|internet systems consortium license"),
    ("Unlicense", r"\bunlicense(?: org)?\b"),
    ("WTFPL", r"\bwtfpl\b|do what the fuck you want to public license"),
    ("CC0-1.0", r"\bcc0\b|creativecommons org publicdomain zero|creative commons zero"),
    ("Python-2.0", r"python software foundation license|\bpsf license\b|(?:same|python) (?:terms|license) as python|terms of the python license"),
    ("PostgreSQL", r"postgresql license\b"),
    ("PHP-3.01", r"php license\b|version 3 01 of the php"),
    ("PHP-3.0", r"version 3 0 of the php license"),
    ("Ruby", r"same terms as ruby|terms of ruby|rubys license|ruby license\b|ruby distributes license|same (?:license|conditions) as ruby"),
    ("Vim", r"\bvim license\b|same terms as vim|vim distributed under vim|distributed under the same terms as vim"),
    ("TCL", r"tcl tk license|tcl license|same terms as tcl"),
    ("OFL-1.1", r"sil open font license|scripts sil org ofl"),
    ("NCSA", r"university of illinois (?:ncsa )?open source license|ncsa open source license"),
    ("ZPL-2.1", r"zope public license(?: zpl)? version 2 1"),
    ("QPL-1.0", r"q public license\b|\bqpl\b"),
    ("LPPL-1.3c", r"latex project public license\b|\blppl\b"),
    ("Beerware", r"beer ?ware license|the beer ware"),
    ("EUPL-1.2", r"\beupl\b|european union public licen[sc]e"),
    ("CECILL-C", r"\bcecill c\b"),
    ("CECILL-B", r"\bcecill b\b"),
    ("CECILL-2.1", r"\bcecill(?! [bc]\b)\b"),
    ("MS-PL", r"microsoft public license|\bms pl\b"),
    ("UPL-1.0", r"universal permissive license"),
    ("IJG", r"independent jpeg groups? (?:software|license)"),
    ("OpenSSL", r"openssl license\b"),
    ("CC-BY-SA-4.0", r"creative commons attribution share ?alike (?:4 0|international)|creativecommons org licenses by sa 4|\bcc by sa 4"),
    ("CC-BY-SA-3.0", r"creative commons attribution share ?alike(?: license)?(?: version)? 3|creativecommons org licenses by sa 3|\bcc by sa 3"),
    ("CC-BY-4.0", r"creative commons attribution (?:4 0|international)|creativecommons org licenses by 4|\bcc by 4"),
    ("CC-BY-3.0", r"creative commons attribution 3|creativecommons org licenses by 3|\bcc by 3"),
    ("FSFAP", r"copying and distribution of this file with or without modification are permitted in any medium without royalty"),
    ("FSFULLR", r"gives unlimited permission to copy and or distribute it with or without modifications as long as this notice is preserved"),
    ("LicenseRef-public-domain", r"\b(?:is|are|in|into|to|as|be|s|of|been|placed|released|explicitly|hereby|dedicated|code|file|this|software) (?:(?:placed |released |put |hereby |all |now |also |dedicated )*(?:in|into|to|as) )?(?:the )?public domain\b|^public domain|no copyright(?: is)? claimed"),
)  # fmt: skip

_COMPILED = tuple((expression, re.compile(pattern)) for expression, pattern in _NAMED)
_UNMISTAKABLE = frozenset(
    ("FSFAP", "FSFULLR", "LicenseRef-public-domain", "Beerware", "Artistic-1.0-Perl OR GPL-1.0-or-later")
)
_EXCEPTIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("Classpath-exception-2.0", r"linking this library statically or dynamically with other modules is making a combined work|classpath exception"),
        ("GCC-exception-3.1", r"gcc runtime library exception"),
        ("LLVM-exception", r"llvm exceptions?\b"),
        ("Autoconf-exception-generic", r"(?:configuration script|configure script) generated by autoconf"),
        ("Libtool-exception", r"(?:built|generated|build) using gnu libtool|uses? (?:gnu )?libtool"),
        ("Bison-exception-2.2", r"bison parser skeleton|bison output"),
        ("Autoconf-exception-macro", r"configure scripts that are the output of autoconf"),
        ("Linux-syscall-note", r"linux syscall note|normal system calls"),
        ("Font-exception-2.0", r"font embed|embed this font"),
        ("OCaml-LGPL-linking-exception", r"publicly distributed version of the library|linking exception described|special exception on linking"),
        ("x11vnc-openssl-exception", r"special exception(?: \w+){0,60} openssl|linking(?: \w+){0,20} openssl library"),
        ("Qt-LGPL-exception-1.1", r"(?:nokia|digia|qt company) (?:qt )?lgpl exception"),
        ("WxWindows-exception-3.1", r"wxwindows (?:library )?licen[sc]e|wxwindows exception"),
        ("FLTK-exception", r"fltk library license"),
    )
)  # fmt: skip
_EITHER = re.compile(
    r"\balternatively\b|\bdual(?:ly)? licensed?\b|\bdual(?:ly)?\b|\beither (?!version|express|expressed|implied|v\d)|\byour choice\b|\btriple licensed\b|\bor (?:the |under |of |at your option the |alternatively )?$|\b(?:may|can) choose\b"
)
_SEE_FILE = re.compile(
    r"\b(?:see|in|found in|read|refer to|consult|check|view|of|accompanying|with|included?)(?: \w+){0,8}? (?:license|copying|copyright|licence|unlicense)(?: (?:txt|md|rst|html|file|files|mit|apache|bsd|for|distributed|that|in|included|accompanying))\b"
    r"|\b(?:license|copying|copyright) file\b|\blicense that can be found\b|\bsee (?:the )?(?:file )?(?:license|copying|copyright|readme)\b"
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the sentences of a text grant."""

    expression: str | None
    """None where the text only points to a licence file."""
    num_words: int
    """Words of the mentions."""
    is_tag: bool = False
    points_to_file: bool = False


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    expression: str
    family: str
    is_versioned: bool = True


def tagged(text: str) -> str | None:
    """The expression of the SPDX tags of a text; of several different ones all hold."""
    found = []
    for match in _TAG.finditer(text):
        expression = expression_of(_TAG_END.sub("", match[1]).strip(" \t*#;/-%\"'"))
        if expression is not None:
            found.append(expression)
    return combine(found, "AND") if found else None


def flat(text: str) -> str:
    """The words of a text on one line, `2+` as "2 or later"."""
    return " ".join(words_of(_PLUS.sub(" or later", text)))


def notice_of(text: str) -> Notice | None:
    """The licences that a text names; None where it says nothing of any."""
    tag = tagged(text)
    if tag is not None:
        return Notice(tag, len(tag.split()) + 1, is_tag=True)
    return notice_in(flat(text))


def notice_in(words: str) -> Notice | None:
    """The same for words already flat, without the tags."""
    mentions = _without_general(_gnu_mentions(words) + _named_mentions(words))
    points_to_file = _SEE_FILE.search(words) is not None
    if not mentions:
        return Notice(None, 0, points_to_file=True) if points_to_file else None
    expressions = list(dict.fromkeys(mention.expression for mention in mentions))
    operator = "AND"
    if len(expressions) > 1 and _is_choice(words, mentions):
        operator = "OR"
    expression = combine(expressions, "OR" if operator == "OR" else "AND")
    if len(expressions) == 1 and mentions[0].family in ("GPL", "LGPL", "AGPL", "Apache-2.0"):
        expression += exception_in(words)
    size = sum(len(words[mention.start : mention.end].split()) for mention in mentions)
    return Notice(expression, size, points_to_file=points_to_file)


def exception_in(words: str) -> str:
    """` WITH …` for the first exception that the words grant, or nothing."""
    if "exception" not in words:
        return ""
    return next((f" WITH {name}" for name, pattern in _EXCEPTIONS if pattern.search(words)), "")


def _gnu_mentions(words: str) -> list[_Mention]:
    found = []
    matches = list(_GNU.finditer(words))
    for position, match in enumerate(matches):
        if not _is_grant(words, match.start()) or (
            match["short"] is None and "gnu" not in words[max(0, match.start() - 30) : match.end()]
        ):
            continue
        if match["short"] is None and not re.search(r"general public|documentation|affero|lesser|library", match[0]):
            continue
        following = matches[position + 1].start() if position + 1 < len(matches) else len(words)
        # the version stands behind the name, or before it: "version 2 of the GNU General Public License"
        behind = words[match.end() : min(match.end() + 260, max(following, match.end() + 60))]
        before = words[max(0, match.start() - 60) : match.start()]
        version = match["number"] or _version_behind(behind) or _version_before(before)
        or_later = bool(_LATER.search(behind[:240]) or _LATER.search(before))
        family = _family(match)
        number = version.replace(" ", ".") if version else None
        found.append(_Mention(match.start(), match.end(), gnu(family, number, or_later), family, version is not None))
    return found


def _family(match: re.Match[str]) -> str:
    word = match["word"] or match["short"] or ""
    if word in ("free documentation", "gfdl") or "documentation" in match[0]:
        return "GFDL"
    return {"affero": "AGPL", "agpl": "AGPL", "lesser": "LGPL", "library": "LGPL", "lgpl": "LGPL"}.get(word, "GPL")


def _version_behind(behind: str) -> str | None:
    """The version that follows a name: at once, or behind "as published by the Free Software Foundation, either version"."""
    close = re.match(r" ?(?:\w+ ){0,3}?(?:version |v |ver )?v?([123])(?: ([0-3])(?! ?of))?\b(?! clause)", behind)
    if close is not None and re.match(
        r" ?(?:(?:[al]?gpl|license|as|the|in|either|its|version|v|ver|gnu|of|terms)\b ?)*v?[123]\b", behind
    ):
        return _joined(close[1], close[2])
    match = re.search(r"\b(?:version|v|ver|versions) ?([123])(?: ([0-3])\b)?", behind)
    return _joined(match[1], match[2]) if match else None


def _version_before(before: str) -> str | None:
    match = re.search(
        r"\b(?:version|v) ?([123])(?: ([0-3]))?(?: only)?(?: or(?: at your option)? any later(?: version)?| or later)? ?(?:of|the|gnu| )*$",
        before,
    )
    return _joined(match[1], match[2]) if match else None


def _joined(major: str, minor: str | None) -> str:
    return f"{major}.{minor}" if minor and minor != "0" else major


def _named_mentions(words: str) -> list[_Mention]:
    found: list[_Mention] = []
    for expression, pattern in _COMPILED:
        for match in pattern.finditer(words):
            if any(mention.start < match.end() and match.start() < mention.end for mention in found):
                continue
            if expression in _UNMISTAKABLE or _is_grant(words, match.start()):
                found.append(_Mention(match.start(), match.end(), expression, expression.split("-")[0]))
    return found


def _is_grant(words: str, start: int) -> bool:
    before = words[max(0, start - 160) : start]
    if _DENIED.search(before[-50:]):
        return False
    return len(before) < 25 or _GRANT.search(before) is not None


def _without_general(mentions: list[_Mention]) -> list[_Mention]:
    """The mentions in order, without those that only repeat a licence less exactly.

    "See the GNU General Public License" behind a notice has no version; the LGPL's notice names the GPL so too.
    """
    versioned = {mention.family for mention in mentions if mention.is_versioned}
    gnus = versioned & {"GPL", "LGPL", "AGPL"}
    perl = any("Perl OR" in mention.expression for mention in mentions)
    kept = []
    for mention in sorted(mentions, key=lambda mention: mention.start):
        is_gnu = mention.family in ("GPL", "LGPL", "AGPL")
        if is_gnu and not mention.is_versioned and (mention.family in versioned or gnus):
            continue
        if is_gnu and mention.expression.endswith("-only") and _same(mention, mentions):
            continue
        if perl and mention.expression in ("Artistic-1.0-Perl", "GPL-1.0-or-later"):
            continue
        kept.append(mention)
    return kept


def _same(mention: _Mention, mentions: list[_Mention]) -> bool:
    """Whether another mention of the same version says that later ones are allowed."""
    later = mention.expression.replace("-only", "-or-later")
    return any(other.expression == later for other in mentions)


def _is_choice(words: str, mentions: list[_Mention]) -> bool:
    starts = [mention.start for mention in mentions]
    before = words[max(0, starts[0] - 200) : starts[0]]
    if _EITHER.search(before):
        return True
    pairs = zip(mentions, mentions[1:], strict=False)
    return any(
        _EITHER.search(words[first.end : second.start]) is not None
        for first, second in pairs
        if first.expression != second.expression and second.start - first.end < 1500
    )
