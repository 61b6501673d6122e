"""The extractor: files to text under the guard."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Mapping

from extractors.errors import InputTooLarge, NoMainFile
from extractors.guard import Limits, Watch, guard
from extractors.latex import source
from extractors.latex.converter import Converter
from extractors.latex.names import learn_bibliography
from extractors.latex.options import LatexOptions, LatexResult
from extractors.latex.proofs import end_proof
from extractors.latex.writer import Block, heading
from extractors.result import Extraction

_DEFAULT = LatexOptions()
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029\u00ad\u2060\ufeff]")
_COMMAND = re.compile(r"\\[A-Za-z@]+")
_CODE = re.compile(r"(?ms)^```.*?^```|`[^`\n]+`")
_ACKNOWLEDGEMENTS = re.compile(r"#+ \W*acknowledge?ments?\b", re.I)
_NEWLINES = re.compile(r"\n{3,}")


def extract(files: Mapping[str, bytes], options: LatexOptions = _DEFAULT) -> LatexResult:
    """Text and metadata of one submission; never raises on input.

    What went wrong stands in `LatexResult.error`, beside the text that is there.
    """
    run = _Run(files, options)
    limits = Limits(time_s=options.limits.time_s)
    found = guard(run.extraction, limits)
    return run.result(found)


class _Run:
    """One submission's extraction: what the guard's result type has no room for."""

    def __init__(self, files: Mapping[str, bytes], options: LatexOptions) -> None:
        self.files = files
        self.options = options
        self.converter: Converter | None = None
        self.main: str | None = None
        self.abstract = ""
        self.titles: tuple[str, ...] = ()

    def extraction(self, watch: Watch) -> Extraction:
        members = source.Files(self.files, self.options.limits.input_bytes)
        self.main = source.find_main(members)
        if self.main is None:
            return Extraction("", error=NoMainFile("no member that TeX would start from"))
        members.forget(source.declared_charset(members.members[self.main]))
        c = self.converter = Converter(members, self.options, watch)
        watch.partial = self.text
        c.main = self.main
        c.folders = [posixpath.dirname(self.main)]
        head = members.text(self.main)
        c.in_plain = "\\document" not in head
        c.in_body = "\\begin{document}" not in head and not re.search(r"\\begin\s*\{document\}", head)
        c.read_file(self.main)
        c.run()
        learn_bibliography(c)  # under the guard's timer, which does not watch over the text of what a limit ended
        error = InputTooLarge("members left out") if members.num_left_out else None
        text = self.text()
        return Extraction(text.text, error=error)

    def text(self) -> Extraction:
        """The text of what has been read."""
        c = self.converter
        assert c is not None
        from extractors.latex.frames import close_frame

        while len(c.w.frames) > 1:
            close_frame(c)
        end_proof(c)
        c.w.flush()
        blocks = selected(c.w.frames[0].blocks, self.options)
        self.abstract = c.refs.filled("\n\n".join(part for part in c.meta.abstract if part))
        front: list[Block] = []
        c.meta.title = c.refs.filled(c.meta.title)
        if c.meta.title:
            front.append(Block("heading", heading(1, c.meta.title), 1))
        if self.abstract:
            front += [Block("heading", heading(2, "Abstract"), 2), Block("p", self.abstract)]
        text = "\n\n".join(block.text for block in (*front, *blocks) if block.text)
        text = _clean(c.refs.filled(text))
        self.titles = tuple(
            _clean(c.refs.filled(block.text.lstrip("#").strip())) for block in blocks if block.kind == "heading"
        )
        return Extraction(text)

    def result(self, found: Extraction) -> LatexResult:
        c = self.converter
        if c is None:
            return LatexResult(found.text, main_file=self.main, error=found.error)
        return LatexResult(
            text=found.text,
            title=_clean(c.meta.title),
            abstract=_clean(self.abstract),
            authors=tuple(_clean(name) for name in c.meta.authors),
            date=_clean(c.meta.date) or None,
            main_file=self.main,
            files_used=tuple(c.uses),
            error=found.error,
            section_titles=self.titles,
            num_sections=len(self.titles),
            num_display_equations=c.num_equations,
            num_macros_expanded=c.g.num_expansions,
            num_user_macros=len(c.g.defined),
            unresolved_macros=_unresolved(c, found.text),
        )


def selected(blocks: list[Block], options: LatexOptions) -> list[Block]:
    """The blocks without the parts the options leave out."""
    kept: list[Block] = []
    dropping = 0
    in_appendix = False
    for block in blocks:
        if block.kind == "mark" and block.level == 1:
            in_appendix = True
            dropping = 0
        if block.kind == "heading":
            if dropping and block.level <= dropping:
                dropping = 0
            if not options.keep_acknowledgements and _ACKNOWLEDGEMENTS.match(block.text):
                dropping = block.level
        if not dropping and (options.keep_appendices or not in_appendix):
            kept.append(block)
    return kept


def _clean(text: str) -> str:
    text = _NEWLINES.sub("\n\n", _CONTROL.sub("", text))
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()


def _unresolved(c: Converter, text: str) -> tuple[str, ...]:
    """The author's macros whose names stand in the text outside of code."""
    own = {name for name in c.g.defined if not c.knows(name)}
    if not own:
        return ()
    return tuple(sorted(own.intersection(_COMMAND.findall(_CODE.sub("", text)))))
