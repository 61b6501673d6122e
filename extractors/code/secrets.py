"""Keys, passwords, e-mail and IP addresses in source files: found, and masked with StarCoder's placeholders.

Method: rules instead of StarCoder's NER model (arXiv 2305.06161, 4): token formats of services (`secret_rules.tsv`),
private key blocks, passwords in URLs, assignments to names of secrets whose value has the entropy of one; public IP
addresses only, as FineWeb. Cost: linear. Blind spot: names of people, passwords that look like words, and values that
are put together from pieces or have no telling name.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from math import log2
from typing import Literal

Placeholder = Literal["EMAIL", "KEY", "IP_ADDRESS"]

MIN_ASSIGNED_CHARS = 16
"""Characters of an assigned value from which on it may be a key (inclusive)."""
MIN_ASSIGNED_ENTROPY = 3.3
"""Bits per character of an assigned value from which on it is taken for a key (inclusive)."""
MIN_HEXADECIMAL_ENTROPY = 3.0
"""The same of one in hexadecimal digits, which have at most 4 (inclusive)."""
MIN_HEXADECIMAL_CHARS = 32
"""Hexadecimal digits that a key has at least (inclusive); fewer are digests, ids, .NET's key tokens."""
MIN_MEAN_WORD_CHARS = 3.25
"""Mean length of the parts of a value, cut where case or kind of character changes, from which on they are words
(inclusive). Of random values of 20 letters of both cases and digits 0.9 % have it; names, paths, URLs 3.6 to 5.4."""
MAX_VERSION_PART = 63
"""Four numbers up to this (inclusive) are a version, a section or an OID; of random addresses 0.4 % are such."""
MAX_KEY_BLOCK_CHARS = 16_384
"""Characters of a private key block (inclusive); longer ones are not blocks."""

_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}"
    r"(?:[a-z]{2,18}|[A-Z]{2,6}|Com|Net|Org|Edu|Gov)(?![\w(\[{@-]|\.[A-Za-z0-9])"
)
_LOCAL_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+%-")
_MAX_LOCAL_CHARS = 64
_RESERVED_HOST = re.compile(
    r"(?:^|\.)(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost|local)$", re.IGNORECASE
)
_FILE_ENDING = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|js|mjs|ts|json|html?|py|rb|md|so|sh|txt|pdf|zip|tgz|gz|xml|ya?ml|conf|log"
    r"|service|target|timer|socket|mount|slice)$"
)
_VERSIONED = re.compile(r"v?\d+\.\d")  # a package at a version
_NO_MAILBOXES = frozenset(("this", "super", "return", "break", "continue"))  # Kotlin's labels
_PROTOCOL_NAME = re.compile(
    r"(?:[^@]*[\d-][^@]*|eow|flock|f?statvfs|fsync|hardlink|keepalive|limits|lsetstat|tun|zlib)@(?:openssh\.com|libssh\.org)"
    r"|rijndael-cbc@lysator\.liu\.se"
)
"""Algorithms and extensions of SSH, named under hosts where people have addresses too: OpenSSH's `PROTOCOL`."""
_MEMBER = re.compile(r"(?:self|this)\.(?!(?:\w+\.)*(?:com|net|org|edu|gov|\w+\.[a-z]{2})\Z)[\w.]+", re.IGNORECASE)
"""What a matrix is multiplied by; of hosts so named those in two parts under a country are taken for it too."""
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"(?<![\w.+-]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w+-]|\.\w)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{1,4}:|:(?=:)){2,7}(?::?[0-9a-fA-F]{1,4})?(?![\w:.])")
_VERSION_BEFORE = re.compile(
    r"(?:\b(?:version|ver|release|rev|v|section|oid|ObjectIdentifier|assembly\w{0,12})\W{0,12}"
    r"|(?:[=<>~!]=|~>|\^)[ \t]?)$",
    re.IGNORECASE,
)
_KEY_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_URL_PASSWORD = re.compile(r"://(?P<user>[^\s:/@\"'<>]{0,64}):(?P<password>[^\s/@\"'<>]{3,128})@(?=[\w\[])")
_SECRET_NAME = re.compile(
    r"secret|token|pass(?:word|wd|phrase)?(?![a-z])|pwd|credential|auth"
    r"|(?:api|access|private|encryption|signing|client|account)[_-]?key"
)
_ASSIGNMENT = re.compile(
    r"[\w-]{0,20}"
    r"(?:[\"']\s{0,8},?\s{1,40}[\"']?value)?"  # <add key="apiKey" value="…"/>, {"name": "TOKEN", "value": "…"}
    r"[\"'\]]{0,2}"
    r"(?:[ \t]?:[ \t]?&?[A-Za-z_][\w.<>\[\]]{0,40}\??(?=[ \t]{1,8}=))?"  # of a type
    r"[ \t]{0,8}(?:"
    r"(?:=>|:=|[=:(]|(?<=[\"']),)[ \t]{0,8}(?:\(?\n[ \t]{0,80})?"
    r"(?P<quote>[\"'`])(?P<quoted>[^\"'`\s]{16,8192})(?P=quote)"
    r"|(?:=>|:=|[=:>])[ \t]{0,8}(?P<bare>[A-Za-z0-9+/_.~-]{20,8192}={0,2})(?=[\s;,#&\"'`<)\]}\\]|\Z))"
)
_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_BEARER = re.compile(r"\b(?:Bearer|Basic|Token)[ \t]+(?P<quoted>[A-Za-z0-9+/=_.~-]{20,2000})(?![\w+/=.~-])")
_PLACEHOLDER = re.compile(
    r"example|sample|dummy|change[_-]?me|replace|your|placeholder|redacted"
    r"|x{4,}|\*{3,}|\.{3,}|0{8,}|1234567|abcdef"
    r"|\$\{|\{[^{}]*\}|\$\(\w+\)|%\(\w+\)|%[sd]\b|<[^<>]*>|\A\$\w+\Z|\A\[.*\]\Z|[A-Za-z_]{3}\(\w*\)",
    re.IGNORECASE,
)
_URL_PLACEHOLDER = re.compile(
    r"[<>{}$()\[\]]|%(?![0-9A-Fa-f]{2})|x{4,}|\*{3,}|\.{3,}|example|change[_-]?me|your|redacted"
    r"|\A(?:my|proxy|db|the)?[_-]?(?:pass(?:w(?:or)?d)?|pwd|secret|token|test|user|foo|bar|pw)\Z",
    re.IGNORECASE,
)
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+\Z")
_LOCATION_OR_TIME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://|data:\w+/|(?:\.{0,2}|~)/[\w.-]*/|\d{4}-\d\d-\d\dT")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_WORDS = re.compile(r"[-_./:~]*(?:[A-Za-z][a-z]*|[A-Z]+|\d{1,4})(?:[-_./:+=]+(?:[A-Za-z][a-z]*|[A-Z]+|\d{1,4}))*\Z")


@dataclass(frozen=True, slots=True)
class Finding:
    """One place to mask: characters `start:end`, by which rule, under which placeholder."""

    start: int
    end: int
    rule: str
    placeholder: Placeholder


@lru_cache(maxsize=1)
def _token_rules() -> tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...]:
    lines = files("extractors.code").joinpath("secret_rules.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return tuple((rule, tuple(needed.split()), re.compile(pattern)) for rule, needed, pattern in rows)


def find(text: str) -> list[Finding]:
    """Secrets and addresses of a text in order, without overlaps: a key wins over an address, two keys become one."""
    with_password = list(_URL_PASSWORD.finditer(text))
    found = [*_key_blocks(text), *_tokens(text), *_url_passwords(with_password), *_assigned(text)]
    found += [*_emails(text, frozenset(match.end() - 1 for match in with_password)), *_ip_addresses(text)]
    found.sort(key=lambda finding: (finding.start, -finding.end))
    kept: list[Finding] = []
    for finding in found:
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
        else:
            kept[-1] = _merged(kept[-1], finding)
    return kept


def _merged(first: Finding, second: Finding) -> Finding:
    if first.placeholder == second.placeholder:
        return replace(first, end=max(first.end, second.end))
    return first if first.placeholder == "KEY" or second.placeholder != "KEY" else second


def mask(text: str) -> tuple[str, dict[str, int]]:
    """`text` with `<EMAIL>`, `<KEY>` and `<IP_ADDRESS>` in place of what `find` finds, and how often each rule did.

    Masking a masked text changes nothing: what a placeholder uncovers is masked too.
    """
    counts: Counter[str] = Counter()
    for _ in range(_MAX_PASSES):
        found = find(text)
        if not found:
            break
        text = _replaced(text, found)
        counts.update(finding.rule for finding in found)
    return text, dict(sorted(counts.items()))


_MAX_PASSES = 8
_MASK = re.compile(r"<(?:EMAIL|KEY|IP_ADDRESS)>")


def is_only_masks(masked: str) -> bool:
    """Whether nothing is left of a masked text: it was a file of keys."""
    return not _MASK.sub("", masked).strip()


def _replaced(text: str, found: list[Finding]) -> str:
    parts: list[str] = []
    position = 0
    for finding in found:
        parts += (text[position : finding.start], f"<{finding.placeholder}>")
        position = finding.end
    return "".join((*parts, text[position:]))


def entropy(value: str) -> float:
    """Shannon entropy of the characters of a non-empty value, in bits per character."""
    size = len(value)
    return -sum(count / size * log2(count / size) for count in Counter(value).values())


def _key_blocks(text: str) -> list[Finding]:
    found = []
    position = 0
    while (begin := _KEY_BEGIN.search(text, position)) is not None:
        end = _KEY_END.search(text, begin.end(), begin.end() + MAX_KEY_BLOCK_CHARS)
        if end is None:
            position = begin.end()
            continue
        inner = _KEY_BEGIN.search(text, begin.end(), end.start())
        if inner is None and _holds_key(text[begin.end() : end.start()]):
            found.append(Finding(begin.start(), end.end(), "private_key", "KEY"))
        position = inner.start() if inner else end.end()
    return found


def _holds_key(body: str) -> bool:
    """A block has base64 text of some length; the marks alone, as in a parser's constants, are no key."""
    return sum(map(str.isalnum, body)) >= 64


def _tokens(text: str) -> list[Finding]:
    return [
        Finding(match.start(), match.end(), rule, "KEY")
        for rule, needed, pattern in _token_rules()
        if any(map(text.__contains__, needed))
        for match in pattern.finditer(text)
        if "EXAMPLE" not in match[0]
    ]


def _url_passwords(urls: list[re.Match[str]]) -> list[Finding]:
    return [
        Finding(match.start("password"), match.end("password"), "url_password", "KEY")
        for match in urls
        if not _URL_PLACEHOLDER.search(match["password"]) and match["password"] != match["user"]
    ]


def _assigned(text: str) -> list[Finding]:
    lowered = text.lower() if text.isascii() else text.translate(_LOWER)
    named = (_ASSIGNMENT.match(text, name.end()) for name in _SECRET_NAME.finditer(lowered))
    found = []
    for match in (*named, *_BEARER.finditer(text)):
        if match is None:
            continue
        group = "quoted" if match["quoted"] is not None else "bare"
        if _is_random(match[group]):
            found.append(Finding(match.start(group), match.end(group), "assigned_secret", "KEY"))
    return found


def _is_random(value: str) -> bool:
    """Whether a value has the mixture and entropy of a key and the form of neither words, a place nor a placeholder."""
    if len(value) < MIN_ASSIGNED_CHARS or not any(map(str.isdigit, value)) or not any(map(str.isalpha, value)):
        return False
    if _PLACEHOLDER.search(value) or _LOCATION_OR_TIME.match(value) or _UUID.match(value) or _is_words(value):
        return False
    if _HEXADECIMAL.match(value):
        return len(value) >= MIN_HEXADECIMAL_CHARS and entropy(value) >= MIN_HEXADECIMAL_ENTROPY
    return entropy(value) >= MIN_ASSIGNED_ENTROPY


def _is_words(value: str) -> bool:
    """Whether a value is words, or a name of several: camel case, dots, slashes."""
    if _WORDS.match(value):
        return True
    if value.isalnum() and (value.islower() or value.isupper()):
        return False  # nothing tells words apart
    parts = _PARTS.findall(value)
    return sum(map(len, parts)) >= MIN_MEAN_WORD_CHARS * len(parts)


def _emails(text: str, in_urls: frozenset[int]) -> list[Finding]:
    """The addresses, but for what the `@` at these places of URLs stand in."""
    found: list[Finding] = []
    at = text.find("@")
    while at != -1:
        start = at if at in in_urls else _local_start(text, at)
        host = _HOST.match(text, at + 1) if start < at else None
        if host is not None and _is_address(text[start:at], host[0], text[host.end() : host.end() + 1]):
            found.append(Finding(start, host.end(), "email", "EMAIL"))
        at = text.find("@", at + 1)
    return found


def _local_start(text: str, at: int) -> int:
    """Where the part before an `@` begins; `at` where there is none."""
    start = at
    while start > 0 and at - start <= _MAX_LOCAL_CHARS and text[start - 1] in _LOCAL_CHARACTERS:
        start -= 1
    while start < at and text[start] in ".+%-":
        start += 1
    return start if at - start <= _MAX_LOCAL_CHARS and text[at - 1] not in ".%" else at


def _is_address(local: str, host: str, after: str) -> bool:
    if _RESERVED_HOST.search(host) or _FILE_ENDING.search(f".{host}") or _VERSIONED.match(host):
        return False
    if local in _NO_MAILBOXES or _MEMBER.fullmatch(host) or _PROTOCOL_NAME.fullmatch(f"{local}@{host}"):
        return False
    return not (local == "git" and after in (":", "/"))  # a repository's location, the same for everybody


def _ip_addresses(text: str) -> list[Finding]:
    found = []
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if _is_public(match[0]) and not _VERSION_BEFORE.search(text[max(0, match.start() - 24) : match.start()]):
                found.append(Finding(match.start(), match.end(), "ip_address", "IP_ADDRESS"))
    return found


_KNOWN_RESOLVERS = frozenset(("8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"))


def _is_public(address: str) -> bool:
    if address in _KNOWN_RESOLVERS or address.endswith((".0", ".0.0")):
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if parsed.version == 6:  # bytes in hexadecimal have the form too: what is assigned lies in 2000::/3
        return parsed.is_global and address.count(":") >= 3 and int(parsed) >> 125 == 1
    is_version = max(parsed.packed) <= MAX_VERSION_PART
    return parsed.is_global and not parsed.is_multicast and not is_version
