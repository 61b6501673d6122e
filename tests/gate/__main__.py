"""`python -m tests.gate`: measure the extractor on the bench beside the checkout and hold it to its floors.

`--write` raises the floors to what was measured (less the slack); `--lower` also allows a floor to fall, or to go with
a row that is no longer measured, and wants a line in LOG.md. `--scores` shows the rows for probabilities of
`extractors.html.train`, out of fold: no floors.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.gate import floors, out_of_fold


def main() -> int:
    """Exit 1 when a row is below its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, default=floors.BENCH)
    parser.add_argument("--write", action="store_true", help="raise the floors to what is measured")
    parser.add_argument("--lower", action="store_true", help="with --write, let floors fall too")
    parser.add_argument("--scores", type=Path, help="out_of_fold.json")
    chosen = parser.parse_args()
    if not (chosen.bench / "evaluate.py").exists():
        print("no bench beside the checkout: nothing measured", file=sys.stderr)
        return 0
    if chosen.scores:
        values, left_out = out_of_fold.measure(chosen.bench, chosen.scores)
        for row, value in sorted(values.items()):
            print(f"{row:<32}{value:.4f}")
        if left_out:
            print(f"left out, scores of other blocks: {' '.join(left_out)}", file=sys.stderr)
        return 0
    pinned = floors.load()
    digest = floors.digest(chosen.bench)
    if pinned["corpus_digest"] not in ("", digest):
        print(f"the bench's pages changed: {digest} is not {pinned['corpus_digest']}", file=sys.stderr)
        return 1
    measured = floors.measure(chosen.bench)
    below = floors.below(pinned["floors"], measured)
    for row in sorted({*measured, *pinned["floors"]}):
        value = f"{measured[row]:.4f}" if row in measured else "not measured"
        print(f"{row:<32}{value}  floor {pinned['floors'].get(row, 0):.4f}{'  BELOW' if row in below else ''}")
    if chosen.write:
        floors.store(digest, pinned["floors"], measured, chosen.lower)
        return 0
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
