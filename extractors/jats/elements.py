"""Which handler each element of JATS has; elements that are not here are walked through as part of the line."""

from __future__ import annotations

from extractors.jats import formulas, inline, structure, tables
from extractors.jats.walk import Handler


def _handlers() -> dict[str, Handler]:
    table: dict[str, Handler] = {}
    groups: list[tuple[Handler, str]] = [
        (structure.open_section, "sec treatment-sec app glossary notes ack"),
        (structure.open_paragraph, "p"),
        (structure.open_title, "title subtitle"),
        (
            structure.open_block,
            "body bdy back app-group floats-group floats-wrap sig-block sig nomenclature list-item def abstract "
            "fig-group table-wrap-group disp-formula-group taxon-treatment chem-struct-wrap-group question answer "
            "question-wrap answer-set explanation attrib speaker verse-line note table-wrap-foot address",
        ),
        (structure.open_list, "list"),
        (structure.open_definitions, "def-list"),
        (structure.open_quote, "disp-quote"),
        (structure.open_verse, "verse-group"),
        (structure.open_speech, "speech"),
        (structure.open_statement, "statement"),
        (structure.open_code, "code preformat"),
        (structure.open_box, "boxed-text"),
        (structure.open_figure, "fig media chem-struct-wrap"),
        (structure.open_notes, "fn-group"),
        (tables.open_wrap, "table-wrap"),
        (tables.open_table, "table"),
        (tables.open_tgroup, "tgroup"),
        (tables.open_alternatives, "alternatives"),
        (formulas.open_inline, "inline-formula"),
        (formulas.open_display, "disp-formula"),
        (formulas.open_math, "math tex-math"),
        (inline.open_xref, "xref"),
        (inline.open_note, "fn"),
        (inline.open_italic, "italic"),
        (inline.open_sup, "sup"),
        (inline.open_sub, "sub"),
        (inline.open_monospace, "monospace"),
        (inline.open_link, "ext-link uri"),
        (inline.open_name, "name"),
        (inline.open_break, "break hr"),
        (
            inline.open_nothing,
            "ref-list ref supplementary-material graphic inline-graphic object-id fn-meta permissions bio "
            "author-notes contrib-group aff aff-alternatives sec-meta alt-text long-desc alt-title index-term "
            "target milestone-start milestone-end citation-alternatives self-uri kwd-group "
            "processing-meta annotation",
        ),
    ]
    for handler, tags in groups:
        for tag in tags.split():
            table[tag] = handler
    return table


HANDLERS = _handlers()
