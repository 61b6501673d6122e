"""The errors of the pipelines, one tree.

GristmillError
├── RecipeError            the recipe, a rule or an option is wrong            → ValueError too
├── InputNotFound          a path, listing or crawl id names nothing           → FileNotFoundError too
├── DuplicateContainer     two inputs would get the same document ids          → ValueError too
├── TransportError         a read failed after its retries
│   ├── AccessDenied       the store refuses us
│   └── ObjectChanged      the object was replaced while it was being read
├── BenchmarkError         a file of benchmark items cannot be used             → ValueError too
├── MissingDataset         a stage's input has no manifest
├── DocumentNotFound       an id names no document, or several                 → LookupError too
├── BooksDoNotBalance      rows or records went missing or came twice
├── NotConverged           connected components did not settle in the rounds allowed
└── TokenizerUnavailable   the tokenizer, or the extra that carries it, is not there

These end a run: they are the caller's to mend. A bad *record* is a value, not one of these: it becomes a row whose
`error` column names the cause (see `extractors.errors` and `pipelines.sources.records`).
"""


class GristmillError(Exception):
    """Base of all errors of the pipelines. The message names the thing, the cause and what to try next."""


class RecipeError(GristmillError, ValueError):
    """The recipe, one of its rules or an option is wrong."""


class InputNotFound(GristmillError, FileNotFoundError):
    """A path, listing or crawl id names nothing that can be read."""

    def __str__(self) -> str:  # FileNotFoundError's own needs errno
        return str(self.args[0]) if self.args else ""


class DuplicateContainer(GristmillError, ValueError):
    """Two inputs have the same container name, so their documents would share ids."""


class TransportError(GristmillError):
    """A read over the network failed after its retries."""


class AccessDenied(TransportError):
    """The store refuses to list or to read; asking again does not help."""


class ObjectChanged(TransportError):
    """The object was replaced while it was being read; its halves were not joined."""


class BenchmarkError(GristmillError, ValueError):
    """A file of benchmark items, or an index of them, is not one, or its layout is unknown."""


class MissingDataset(GristmillError):
    """A stage's input has no manifest, so it does not exist."""


class DocumentNotFound(GristmillError, LookupError):
    """An id, or the beginning of one, names no document or several."""


class BooksDoNotBalance(GristmillError):
    """Rows or records went missing, or came twice, between two stages."""


class NotConverged(GristmillError):
    """Connected components did not settle within the rounds allowed."""


class TokenizerUnavailable(GristmillError):
    """The tokenizer, or the extra that carries it, is not there."""
