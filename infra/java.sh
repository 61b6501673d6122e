#!/usr/bin/env bash
# Make sure Java 17+ is there, which Spark needs; install it where that is one package-manager call away.
set -euo pipefail

java_major() {
  local java="java"
  [ -n "${JAVA_HOME:-}" ] && java="$JAVA_HOME/bin/java"
  "$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1
}

major=$(java_major || true)
if [ -n "$major" ] && [ "$major" -ge 17 ]; then
  exit 0
fi
echo "gristmill: Spark needs Java 17 or newer; found: ${major:-none}." >&2
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "gristmill: installing openjdk-17-jre-headless with apt-get" >&2
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y openjdk-17-jre-headless >&2 || true
  major=$(java_major || true)
  if [ -n "$major" ] && [ "$major" -ge 17 ]; then
    exit 0
  fi
fi
cat >&2 <<'HELP'
  Install it with your package manager, then run the same command again:
    Debian, Ubuntu   sudo apt-get install openjdk-17-jre-headless
    Fedora, RHEL     sudo dnf install java-17-openjdk-headless
    macOS            brew install openjdk@17
  or point JAVA_HOME at a Java 17+ that is already there.
HELP
exit 1
