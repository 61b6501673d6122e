"""Licence texts as the words that count: without copyright lines, comment marks, mark-up and spelling variants.

Method: the matching guidelines of SPDX (annex B) and of licensee and askalono. Cost: two scans of the text. Blind
spot: a text broken by hyphens at line ends keeps the halves as two words.
"""

from __future__ import annotations

import re

_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>|<!--|-->")
_LINK = re.compile(r"\]\([^()\s]{1,300}\)")
_ENTITY = re.compile(r"&(?:[a-z]{2,6}|#\d{1,5});")
_COMMENT_WORD = re.compile(r"^[ \t]*(?:dnl|[Rr][Ee][Mm]|\.\\\"|@c(?:omment)?)[ \t]", re.MULTILINE)
_COPYRIGHT = re.compile(
    r"^[^\w\n©]{0,20}(?:(?:portions?|parts?|this (?:software|file|program|work) is)[ \t]+)?"
    r"(?:(?:copyright|\(c\)|©|copr\.)(?![ \t]+(?:notices?|holders?|owners?|laws?|statements?)\b(?![ \t]*:))"
    r"[ \t:,]*(?:\(c\)|©|&copy;|holders?:|notice:|owner)?[^\n]{0,300}?"
    r"(?:\d{4}|<year>|\[y|\{y|xxxx|©|\(c\)|<|\[|by\b)[^\n]{0,300}"
    r"|(?:copyright|©)[ \t]+(?!(?:notices?|holders?|owners?|laws?|statements?)\b)(?-i:[A-Z])[^\n]{0,80}"
    r"|all rights reserved\.?"
    r"|[^\w\n]{0,3}\d{4}(?:[-, ]+\d{4})*,?[ \t]+[^\n]{0,100})$",
    re.IGNORECASE | re.MULTILINE,
)
_RESERVED = re.compile(r"\ball\W{1,4}rights\W{1,4}reserved\b\.?", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_VARIANTS = {
    "licence": "license", "licences": "licenses", "licenced": "licensed", "licencing": "licensing",
    "sublicence": "sublicense", "sub": "", "acknowledgment": "acknowledgement", "analogue": "analog",
    "analyse": "analyze", "artefact": "artifact", "authorisation": "authorization", "authorised": "authorized",
    "calibre": "caliber", "cancelled": "canceled", "capitalisations": "capitalizations", "catalogue": "catalog",
    "categorise": "categorize", "centre": "center", "emphasised": "emphasized", "favour": "favor",
    "favourite": "favorite", "fulfil": "fulfill", "fulfilment": "fulfillment", "initialise": "initialize",
    "judgment": "judgement", "labelling": "labeling", "labour": "labor", "maximise": "maximize",
    "modelled": "modeled", "modelling": "modeling", "noncommercial": "noncommercial", "optimise": "optimize",
    "organisation": "organization", "organise": "organize", "practise": "practice", "programme": "program",
    "realise": "realize", "recognise": "recognize", "signalling": "signaling", "utilisation": "utilization",
    "whilst": "while", "wilful": "willful", "merchantibility": "merchantability", "https": "http",
    "licensor's": "licensors",
}  # fmt: skip


def words_of(text: str) -> list[str]:
    """The words of a licence text in order, lower case, variants made one."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    text = _ENTITY.sub(" ", _LINK.sub("]", text))
    text = _RESERVED.sub(" ", _COPYRIGHT.sub(" ", _COMMENT_WORD.sub(" ", text)))
    text = text.lower().replace("’", "'").replace("“", '"').replace("-\n", "-")
    found = (_VARIANTS.get(word, word) for word in _WORD.findall(text))
    return [word.replace("'", "") for word in found if word]
