#!/usr/bin/env bash
# Make the virtual environment from the lock file: `infra/venv.sh FOLDER`. Needs Python 3.11 to 3.13.
set -euo pipefail
venv=${1:?usage: infra/venv.sh FOLDER}

find_python() {
  for candidate in ${PYTHON:-} python3.12 python3.11 python3.13 python3; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

python=$(find_python)
if [ -z "$python" ]; then
  echo "gristmill: needs Python 3.11, 3.12 or 3.13; found: $(python3 --version 2>&1 || echo none)." >&2
  echo "  Install one (Debian: apt-get install python3 python3-venv) or name it: make setup PYTHON=/path/to/python3.12" >&2
  exit 1
fi
echo "gristmill: making $venv with $("$python" --version) from requirements.lock" >&2
if ! "$python" -m venv --clear "$venv" 2>/dev/null; then
  echo "gristmill: '$python -m venv' failed. Debian and Ubuntu pack it apart: apt-get install python3-venv" >&2
  exit 1
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
