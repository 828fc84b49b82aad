#!/usr/bin/env bash
# Puts a nats-server that the tests of the cluster can use into a folder, and prints its path:
#   export ROOMCHAT_NATS_SERVER=$(.ci/nats-server.sh FOLDER)
# The stable Debian has one that is too old, so it comes from a later suite: by the machine's own sources and settings of
# apt, with lists and caches of its own. It is only unpacked: no package of the system changes, and nobody has to be root.
set -euo pipefail
oldest=2.11.0
suite=forky

fail() {
  echo "nats-server.sh: $1" >&2
  exit 1
}
is_recent() {
  local version
  version=$("$1" --version 2>/dev/null | sed -n 's/^nats-server: v//p') || return 1
  [ -n "$version" ] && printf '%s\n' "$oldest" "$version" | sort -V -C
}

[ "$#" = 1 ] || fail "say into which folder: .ci/nats-server.sh FOLDER"
mkdir -p "$1"
target=$(cd "$1" && pwd)/nats-server
for there in "$target" "$(command -v nats-server || true)"; do
  if [ -x "$there" ] && is_recent "$there"; then
    echo "$there"
    exit
  fi
done

for command in apt-get apt-config dpkg-deb; do
  command -v "$command" >/dev/null ||
    fail "there is no $command to fetch it with; put a nats-server >= $oldest on the PATH instead."
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# apt fetches as a user of its own, who must be able to get there.
chmod 755 "$work"
mkdir -p "$work"/{sources,state/lists/partial,cache/archives/partial,download}
[ "$(id -u)" != 0 ] || ! id _apt >/dev/null 2>&1 || chown _apt "$work/download"

codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release | tr -d \")
[ -n "$codename" ] || fail "/etc/os-release does not say which release of Debian this is."
eval "$(apt-config shell list Dir::Etc::sourcelist/f lists Dir::Etc::sourceparts/d)"
# Of every source that has the machine's release, the same with the other suite alone.
for source in "${list:?}" "${lists:?}"/*.list; do
  [ ! -f "$source" ] || sed -nE "s/^(deb[[:space:]].*[[:space:]])$codename[[:space:]].*/\1$suite main/p" "$source"
done >"$work/sources/later.list"
for source in "${lists:?}"/*.sources; do
  [ ! -f "$source" ] || awk -v RS= -v ORS='\n\n' -v codename="$codename" -v suite="$suite" '
    !/(^|\n)Enabled: *no/ && match($0, "(^|\n)Suites:[^\n]*[ \t]" codename "([ \t\n]|$)") {
      sub(/Suites:[^\n]*/, "Suites: " suite)
      sub(/Components:[^\n]*/, "Components: main")
      sub(/Types:[^\n]*/, "Types: deb")
      print
    }' "$source"
done >"$work/sources/later.sources"
[ -n "$(cat "$work"/sources/*)" ] || fail "apt has no source of $codename that could be asked for $suite."

settings=(-o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$work/sources" -o "Dir::State=$work/state"
  -o "Dir::Cache=$work/cache" -o "Acquire::Languages=none" -o "Acquire::Retries=3")
# A source that lacks the suite fails the update, and another may have it: what counts is whether the package comes.
if ! { apt-get -q "${settings[@]}" update || true
  cd "$work/download" && apt-get -q "${settings[@]}" download nats-server; } >"$work/log" 2>&1; then
  cat "$work/log" >&2
  fail "apt could not fetch nats-server of $suite: what it said is above."
fi
dpkg-deb -x "$work"/download/nats-server_*.deb "$work/unpacked" || fail "the package of nats-server cannot be unpacked."
unpacked=$(find "$work/unpacked" -type f -name nats-server -perm -u+x | head -n 1)
[ -n "$unpacked" ] || fail "the package of nats-server holds no program of that name."
is_recent "$unpacked" || fail "the nats-server of $suite does not run here, or is older than $oldest."
# Under its name only when it is complete.
cp "$unpacked" "$target.$$"
mv "$target.$$" "$target"
echo "$target"
