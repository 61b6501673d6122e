"""Same input, same bytes: one run after another under other parallelism and after being killed, shards compared.

    python -m tests.bench.determinism [--recipe tiny] [--input [ID=]PATH …] [--benchmarks PATH] [--keep FOLDER]

Without inputs it takes the bundled sample. Each variant is a fresh process; a killed one gets SIGKILL in the middle of
a stage (its attempt folder is there, its manifest not), then the same command again.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from pipelines.sample.build import build_sample

VARIANTS: dict[str, tuple[str, ...]] = {
    "2 cores": ("--cores", "2"),
    "1 core": ("--cores", "1"),
    "3 partitions": ("--cores", "2", "--partitions", "3"),
    "17 partitions": ("--cores", "2", "--partitions", "17"),
}
KILLED_IN = ("documents", "signals", "shards")


def main(arguments: Sequence[str]) -> int:
    """Run the variants and say whether their shards are the same; the exit code says it too."""
    options = _options(arguments)
    folder = Path(options.keep or mkdtemp(prefix="gristmill-determinism-"))
    command = _command(options, folder)
    digests: dict[str, dict[str, str]] = {}
    for name, flags in VARIANTS.items():
        output = folder / name.replace(" ", "-")
        seconds = _run([*command, "--output", str(output), *flags])
        digests[name] = shard_digests(output)
        print(f"{name}: {len(digests[name])} files in {seconds:.0f} s", flush=True)
    for dataset in KILLED_IN:
        output = folder / f"killed-in-{dataset}"
        full = [*command, "--output", str(output), "--cores", "2"]
        _kill_in(full, output / dataset)
        seconds = _run(full)
        digests[f"killed in {dataset}"] = shard_digests(output)
        print(f"killed in {dataset}: finished again in {seconds:.0f} s", flush=True)
    reference = next(iter(digests.values()))
    different = [name for name, files in digests.items() if files != reference]
    print(f"shards of {len(digests)} runs: {'all the same' if not different else f'different: {different}'}")
    return 1 if different or not reference else 0


def shard_digests(output: Path) -> dict[str, str]:
    """File of a shard → sha256, as the shards' own index states them and the bytes on disk confirm."""
    import hashlib

    manifest = json.loads((output / "shards" / "manifest.json").read_bytes())
    folder = output / "shards" / manifest["attempt"]
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.suffix in (".bin", ".idx", ".parquet", ".txt")
    }


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.determinism")
    parser.add_argument("--recipe", default="tiny")
    parser.add_argument("--input", action="append", default=[])
    parser.add_argument("--benchmarks")
    parser.add_argument("--keep", help="folder to leave the runs in")
    return parser.parse_args(arguments)


def _command(options: argparse.Namespace, folder: Path) -> list[str]:
    inputs, benchmarks = options.input, options.benchmarks
    if not inputs:
        sample = build_sample(folder / "sample")
        inputs = [
            f"web={sample.listing}",
            *(f"{name}={path}" for name, path in (sample.records | sample.dumps).items()),
        ]
        benchmarks = benchmarks or str(sample.benchmarks)
    flags = [flag for path in inputs for flag in ("--input", path)]
    flags += ["--benchmarks", benchmarks] if benchmarks else []
    return [sys.executable, "-m", "jobs", "run", options.recipe, *flags]


def _run(command: Sequence[str]) -> float:
    started = time.monotonic()
    subprocess.run([*command, "--quiet"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - started


def _kill_in(command: Sequence[str], dataset: Path) -> None:
    """Start the command and SIGKILL the driver as soon as the dataset's attempt holds something but no manifest."""
    process = subprocess.Popen([*command, "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        attempts = [path for path in dataset.glob("attempt-*") if any(path.iterdir())] if dataset.is_dir() else []
        if attempts and not (dataset / "manifest.json").exists():
            process.send_signal(signal.SIGKILL)
            process.wait()
            print(f"  killed while {dataset.name} was being written", flush=True)
            return
        time.sleep(0.02)
    raise SystemExit(f"the run ended before it could be killed in {dataset.name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
