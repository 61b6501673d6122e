"""What a process and all its children take, from /proc: peaks of memory while they run, and processor time."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    depth: int
    name: str
    cpu_s: float


class ResourceSampler:
    """Within its block, samples the tree below `pid`.

    `peak_bytes` is the proportional set size (shared pages count once) by kind: `driver`, `jvm`, `workers` (all Python
    processes below the JVM together), `largest worker`, `all`. `cpu_s` is processor time, whatever else is running.
    """

    def __init__(self, pid: int, interval_s: float = 0.5) -> None:
        self.pid = pid
        self.interval_s = interval_s
        self.peak_bytes: dict[str, int] = defaultdict(int)
        self.cpu_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> ResourceSampler:
        self._begin = {process.pid: process.cpu_s for process in _tree(self.pid)}
        self._latest = dict(self._begin)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._sample()
        self.cpu_s = sum(seconds - self._begin.get(pid, 0) for pid, seconds in self._latest.items())

    def _watch(self) -> None:
        while not self._stop.wait(self.interval_s):
            self._sample()

    def _sample(self) -> None:
        now: dict[str, int] = defaultdict(int)
        for process in _tree(self.pid):
            self._latest[process.pid] = process.cpu_s  # of a process that ends, up to its last sample
            size = _proportional_bytes(process.pid)
            kind = "driver" if process.depth == 0 else "jvm" if "java" in process.name else "workers"
            now[kind] += size
            now["all"] += size
            if kind == "workers":
                now["largest worker"] = max(now["largest worker"], size)
        for kind, size in now.items():
            self.peak_bytes[kind] = max(self.peak_bytes[kind], size)


def _tree(root: int) -> list[_Process]:
    """The process and all below it."""
    children: dict[int, list[int]] = defaultdict(list)
    stats: dict[int, tuple[str, float]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
        fields = text.rpartition(")")[2].split()
        ticks = sum(map(int, fields[11:13]))
        stats[int(stat.parent.name)] = (text[text.find("(") + 1 : text.rfind(")")], ticks / os.sysconf("SC_CLK_TCK"))
        children[int(fields[1])].append(int(stat.parent.name))
    found, pending = [], [(root, 0)]
    while pending:
        pid, depth = pending.pop()
        if pid in stats:
            found.append(_Process(pid, depth, *stats[pid]))
        pending += [(child, depth + 1) for child in children[pid]]
    return found


def _proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
