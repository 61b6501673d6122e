"""For authors of the sample: `python -m pipelines.sample build FOLDER`, `python -m pipelines.sample page HOST [PATH]`.

`page` checks a site's sources, lists its pages, or prints one page's HTML.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.sample.build import build_sample
from pipelines.sample.render import render_page
from pipelines.sample.source import load_site


def main(arguments: list[str]) -> int:
    match arguments:
        case ["build", folder]:
            print(build_sample(Path(folder)))
        case ["page", host]:
            site, pages = load_site(host)
            for on, page in pages:
                rendered = render_page(site, on, page, [p for _, p in pages])
                print(f"{rendered.url}\t{page.expect}\t{rendered.charset}\t{len(rendered.body)}\t{page.title}")
        case ["page", host, path]:
            site, pages = load_site(host)
            for on, page in pages:
                if page.path == path:
                    rendered = render_page(site, on, page, [p for _, p in pages])
                    sys.stdout.write(rendered.body.decode(rendered.charset))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ValueError as error:
        sys.exit(str(error))
