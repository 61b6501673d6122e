"""In which order the files of a repository are best read: what a file imports before the file itself.

Order: DeepSeek-Coder's (arXiv 2401.14196, algorithm 1): files that hang together stand together; of the files left the
one with fewest imports left is next, so that a cycle is broken and not followed; ties go by path. READMEs come first.
Cost: 1 to 2 µs a line. Blind spot: imports of Python, JavaScript, Go, JVM languages, C and Rust only, found by pattern,
in comments and strings too; only those of files in the tree count.
"""

from __future__ import annotations

import heapq
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

MAX_TEXT_CHARS: Final = 200_000
"""Of a file so much is searched for imports: they stand at its beginning."""
MAX_IMPORTS: Final = 500
"""Imports of one file that are followed."""
MAX_CANDIDATES: Final = 64
"""Files of one name among which the nearest is sought, and files that one import of a package stands for."""

_PYTHON: Final = re.compile(
    r"^[ \t]*+(?:import[ \t]++(?P<modules>[\w.]++(?:[ \t]*+,[ \t]*+[\w.]++|[ \t]++as[ \t]++\w++)*+)"
    r"|from[ \t]++(?P<dots>\.*+)(?P<module>[\w.]*+)[ \t]++import[ \t]*+(?P<names>\([^)]{0,2000}\)|[^\n#;]{0,500}))",
    re.MULTILINE,
)
_SCRIPT: Final = re.compile(
    r"""(?:\bfrom|\bimport|\brequire[ \t]*+\(|\bimport[ \t]*+\()[ \t]*+(["'])(?P<path>[^"'\n]{1,300})\1"""
)
_GO_BLOCK: Final = re.compile(r"^import[ \t]*+(?:\((?P<block>[^)]{0,20000})\)|(?P<one>[^\n]{1,300}))", re.MULTILINE)
_GO_PATH: Final = re.compile(r'"([^"\n]{1,300})"')
_GO_MODULE: Final = re.compile(r"^module[ \t]++\"?([^\s\"]++)", re.MULTILINE)
_JVM: Final = re.compile(r"^[ \t]*+import[ \t]++(?:static[ \t]++)?(\w++(?:\.\w++)*+(?:\.\*)?)", re.MULTILINE)
_INCLUDE: Final = re.compile(r"^[ \t]*+#[ \t]*+(?:include|import)[ \t]*+[<\"]([^>\"\n]{1,300})[>\"]", re.MULTILINE)
_RUST: Final = re.compile(
    r"^[ \t]*+(?:pub(?:\([^)\n]*+\))?[ \t]++)?(?:mod[ \t]++(?P<mod>\w++)[ \t]*+;"
    r"|use[ \t]++(?P<use>(?:crate|super|self)(?:::\w++)*+)(?:::\{(?P<group>[^;]{0,2000}))?)",
    re.MULTILINE,
)
_RUST_GROUPED: Final = re.compile(r"(?:\A|[,{])\s*+(\w++(?:::\w++)*+)")
_README: Final = re.compile(r"readme(\.[\w-]++)*+$", re.IGNORECASE)

_SCRIPT_ENDINGS: Final = (
    ".ts",
    ".tsx",
    ".d.ts",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".cts",
    ".vue",
    ".svelte",
    ".json",
)
_JVM_ENDINGS: Final = (".java", ".kt", ".scala", ".groovy")


def is_readme(path: str) -> bool:
    """Whether a file is the README of its folder, by its name."""
    return _README.match(posixpath.basename(path)) is not None


def reading_order(files: Mapping[str, str]) -> list[str]:
    """The paths of a tree's files (path → text), READMEs first, then each after what it imports; see the module."""
    readmes = sorted((path for path in files if is_readme(path)), key=lambda path: (path.count("/"), path))
    rest = sorted(set(files) - set(readmes))
    tree = _Tree(files)
    needed = {path: {found for found in tree.imports(path) if found != path} - set(readmes) for path in rest}
    group = _groups(needed)
    return readmes + sorted(_fewest_left_first(needed), key=group.__getitem__)


def _groups(needed: Mapping[str, set[str]]) -> dict[str, str]:
    """Of each file the first path of those that it hangs together with by imports in either direction."""
    linked: dict[str, list[str]] = {path: list(others) for path, others in needed.items()}
    for path, others in needed.items():
        for other in others:
            linked[other].append(path)
    first: dict[str, str] = {}
    for path in sorted(needed):
        waiting = [path]
        while waiting:
            found = waiting.pop()
            if found not in first:
                first[found] = path
                waiting += linked[found]
    return first


def _fewest_left_first(needed: Mapping[str, set[str]]) -> list[str]:
    """All keys, each after what it needs; where none is free, the one that needs least."""
    needed_by: dict[str, list[str]] = defaultdict(list)
    for path, others in needed.items():
        for other in others:
            needed_by[other].append(path)
    left = {path: len(others) for path, others in needed.items()}
    waiting = [(count, path) for path, count in left.items()]
    heapq.heapify(waiting)
    order: list[str] = []
    while waiting:
        count, path = heapq.heappop(waiting)
        if left.get(path) != count:
            continue  # placed, or here again with fewer
        del left[path]
        order.append(path)
        for user in needed_by[path]:
            if user in left:
                left[user] -= 1
                heapq.heappush(waiting, (left[user], user))
    return order


class _Tree:
    """Which file of a tree an import means."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_folder: dict[str, list[str]] = defaultdict(list)
        for path in sorted(files):
            for tail in {posixpath.basename(path), _tail(path)}:
                self._by_name[tail].append(path)
            self._by_folder[posixpath.dirname(path)].append(path)
        self._folders: dict[str, list[str]] = defaultdict(list)
        for folder in self._by_folder:
            for tail in {posixpath.basename(folder), _tail(folder)}:
                self._folders[tail].append(folder)
        self._go_modules = sorted(
            (module[1], posixpath.dirname(path))
            for path in self._by_name.get("go.mod", ())
            if (module := _GO_MODULE.search(files[path][:MAX_TEXT_CHARS]))
        )

    def imports(self, path: str) -> set[str]:
        """The files of the tree that a file imports."""
        find = _FINDERS.get(posixpath.splitext(path)[1].lower())
        if find is None:
            return set()
        found: set[str] = set()
        for number, target in enumerate(find(self, path, self._files[path][:MAX_TEXT_CHARS])):
            if number == MAX_IMPORTS:
                break
            found.update(target)
        return found

    def _first(self, paths: Iterable[str]) -> list[str]:
        """The first of some exact paths that is there."""
        return next(([path] for path in paths if path in self._files), [])

    def _nearest(self, importer: str, suffixes: Sequence[str]) -> list[str]:
        """Of the files whose path ends in one of `suffixes` (the first that any has) the nearest to the importer."""
        for suffix in suffixes:
            named = self._by_name.get(_tail(suffix), ())[:MAX_CANDIDATES]
            fitting = [path for path in named if path == suffix or path.endswith(f"/{suffix}")]
            if fitting:
                return [min(fitting, key=lambda path: (-_shared_folders(importer, path), path.count("/"), path))]
        return []

    def python(self, path: str, text: str) -> Iterator[list[str]]:
        for match in _PYTHON.finditer(text):
            if modules := match["modules"]:
                for part in modules.split(","):
                    yield self._python_module(path, part.split()[0].replace(".", "/"))
                continue
            module, names = match["module"].replace(".", "/"), match["names"]
            folder = path
            for _ in match["dots"]:
                folder = posixpath.dirname(folder)
            imported = [words[0] for name in names.strip("()").split(",") if (words := name.split())]
            for name in imported or [""]:
                inner = "/".join(filter(None, (module, name)))
                if match["dots"]:
                    yield self._exact_module(posixpath.join(folder, inner), posixpath.join(folder, module))
                else:
                    yield self._python_module(path, inner) or self._python_module(path, module)

    def _python_module(self, path: str, module: str) -> list[str]:
        """A module by its name from any root; not a bare name from afar, which is the standard library's."""
        if not module:
            return []
        if "/" in module:
            return self._nearest(path, (f"{module}.py", f"{module}/__init__.py", f"{module}.pyi"))
        parts = path.split("/")
        roots = ["/".join(parts[:depth]) for depth in range(len(parts) - 1, -1, -1)]
        return self._exact_module(*(posixpath.join(root, module) for root in (*roots, "src", "lib")))

    def _exact_module(self, *modules: str) -> list[str]:
        return self._first(
            f"{module.rstrip('/')}{end}" for module in modules for end in (".py", "/__init__.py", ".pyi")
        )

    def script(self, path: str, text: str) -> Iterator[list[str]]:
        for match in _SCRIPT.finditer(text):
            if not match["path"].startswith("."):
                continue  # a package
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match["path"]))
            stem = re.sub(r"\.[cm]?jsx?$", "", target)
            names = (
                target,
                *(f"{target}{end}" for end in _SCRIPT_ENDINGS),
                *(f"{stem}{end}" for end in _SCRIPT_ENDINGS),
            )
            yield self._first((*names, *(f"{target}/index{end}" for end in _SCRIPT_ENDINGS)))

    def go(self, path: str, text: str) -> Iterator[list[str]]:
        for match in _GO_BLOCK.finditer(text):
            for package in _GO_PATH.findall(match["block"] or match["one"]):
                folder = self._go_folder(path, package)
                files = self._by_folder.get(folder, ()) if folder is not None else ()
                sources = (file for file in files if file.endswith(".go") and not file.endswith("_test.go"))
                yield list(islice(sources, MAX_CANDIDATES))

    def _go_folder(self, path: str, package: str) -> str | None:
        for module, root in reversed(self._go_modules):  # the longer module of two that begin alike is sorted later
            if package == module or package.startswith(f"{module}/"):
                return posixpath.join(root, package[len(module) + 1 :]).rstrip("/")
        if "/" not in package:
            return None
        ends = ["/".join(package.split("/")[start:]) for start in range(1, min(package.count("/"), 8))]
        named = self._folders.get(_tail(package), ())[:MAX_CANDIDATES]
        for end in ends:
            fitting = [folder for folder in named if folder == end or folder.endswith(f"/{end}")]
            if fitting:
                return min(fitting, key=lambda folder: (-_shared_folders(path, f"{folder}/"), folder))
        return None

    def jvm(self, path: str, text: str) -> Iterator[list[str]]:
        for name in _JVM.findall(text):
            stem = name.replace(".", "/")
            if stem.endswith(("/*", "/_")):
                files = self._by_folder.get(self._nearest_folder(path, stem[:-2]), ())
                yield list(islice((file for file in files if file.endswith(_JVM_ENDINGS)), MAX_CANDIDATES))
                continue
            outer = posixpath.dirname(stem)  # of a nested class or a static member
            yield self._nearest(path, [f"{inner}{end}" for inner in (stem, outer) if inner for end in _JVM_ENDINGS])

    def _nearest_folder(self, path: str, suffix: str) -> str:
        named = self._folders.get(_tail(suffix), ())[:MAX_CANDIDATES]
        fitting = [folder for folder in named if folder == suffix or folder.endswith(f"/{suffix}")]
        return min(fitting, key=lambda folder: (-_shared_folders(path, f"{folder}/"), folder), default="/")

    def c(self, path: str, text: str) -> Iterator[list[str]]:
        for name in _INCLUDE.findall(text):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            yield self._first([beside]) or self._nearest(path, [name.lstrip("./")])

    def rust(self, path: str, text: str) -> Iterator[list[str]]:
        folder, file = posixpath.split(path)
        is_root = file in ("mod.rs", "lib.rs", "main.rs")
        inside = folder if is_root else posixpath.join(folder, file.removesuffix(".rs"))
        for match in _RUST.finditer(text):
            if match["mod"]:
                yield self._rust_module(inside, [match["mod"]])
                continue
            first, *names = match["use"].split("::")
            base = inside
            if first == "crate":
                base = path[: path.rfind("src/") + 3] if "src/" in path else ""
            elif first == "super":
                base = posixpath.dirname(inside)
                while names and names[0] == "super":
                    base, names = posixpath.dirname(base), names[1:]
            grouped = _RUST_GROUPED.findall(match["group"]) if match["group"] else [""]
            for inner in grouped:
                yield self._rust_module(base, [*names, *filter(None, inner.split("::"))])

    def _rust_module(self, base: str, names: Sequence[str]) -> list[str]:
        """The longest beginning of a path of names that is a file."""
        stems = (posixpath.join(base, *names[:count]) for count in range(len(names), 0, -1))
        return self._first(f"{stem}{end}" for stem in stems for end in (".rs", "/mod.rs"))


def _tail(path: str) -> str:
    """The last two names of a path."""
    return "/".join(path.split("/")[-2:])


def _shared_folders(one: str, other: str) -> int:
    """How many folders two paths have in common from the root on."""
    count = 0
    for left, right in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if left != right:
            break
        count += 1
    return count


_FINDERS: Final[Mapping[str, Callable[[_Tree, str, str], Iterator[list[str]]]]] = {
    **dict.fromkeys((".py", ".pyi", ".ipynb"), _Tree.python),
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte"), _Tree.script),
    ".go": _Tree.go,
    **dict.fromkeys(_JVM_ENDINGS, _Tree.jvm),
    **dict.fromkeys((".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".inl", ".m", ".mm", ".cu"), _Tree.c),
    ".rs": _Tree.rust,
}
