"""How much memory a process and all its children take, sampled from /proc while they run."""

from __future__ import annotations

import threading
from collections import defaultdict
from pathlib import Path
from types import TracebackType


class MemorySampler:
    """Peaks, in bytes, of the proportional set size (shared pages count once) by kind of process.

    Kinds are `jvm`, `worker` (Python below the JVM: the largest one, and their sum) and `driver`.
    """

    def __init__(self, pid: int, interval_s: float = 0.5) -> None:
        self.pid = pid
        self.interval_s = interval_s
        self.peaks: dict[str, int] = defaultdict(int)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemorySampler:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self.interval_s):
            self._sample()

    def _sample(self) -> None:
        now: dict[str, int] = defaultdict(int)
        for pid, depth, name in _tree(self.pid):
            size = _proportional_bytes(pid)
            kind = "driver" if depth == 0 else "jvm" if "java" in name else "workers"
            now[kind] += size
            now["all"] += size
            if kind == "workers":
                now["largest worker"] = max(now["largest worker"], size)
        for kind, size in now.items():
            self.peaks[kind] = max(self.peaks[kind], size)


def _tree(root: int) -> list[tuple[int, int, str]]:
    """The process and all below it: id, depth, name."""
    children: dict[int, list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
        pid, name, parent = int(stat.parent.name), text[text.find("(") + 1 : text.rfind(")")], text.rpartition(")")[2]
        names[pid] = name
        children[int(parent.split()[1])].append(pid)
    found, pending = [], [(root, 0)]
    while pending:
        pid, depth = pending.pop()
        found.append((pid, depth, names.get(pid, "")))
        pending += [(child, depth + 1) for child in children[pid]]
    return found


def _proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
