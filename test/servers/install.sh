#!/bin/bash
# Installs what the tests in this folder run against, Debian's Prosody, ejabberd, slixmpp and PostgreSQL, the Chromium of
# test/stage, and what test/faults makes clocks leap and disks fail with. For Debian 12, as root; safe to repeat.
set -euo pipefail

packages=(prosody lua-event ejabberd erlang-p1-sqlite3 python3-slixmpp postgresql chromium faketime gcc libc6-dev)
policy=/usr/sbin/policy-rc.d

fail() {
  echo "test:servers: $1" >&2
  exit 1
}

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

command -v apt-get >/dev/null || fail "there is no apt-get here; install ${packages[*]} by the means of this system."

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "test:servers: ${packages[*]} are installed already; nothing was changed."
  exit 0
fi
[ "$(id -u)" -eq 0 ] || fail "only root can install ${missing[*]}: run it with sudo."

# Debian starts a service as soon as it is installed, unless this script denies it (invoke-rc.d(8), exit code 101).
# The tests run servers of their own; those that the operator runs already are not touched.
kept=$(mktemp -d)
restore() {
  rm -f "$policy"
  if [ -e "$kept/policy-rc.d" ] || [ -L "$kept/policy-rc.d" ]; then mv "$kept/policy-rc.d" "$policy"; fi
  rmdir "$kept"
}
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$kept/policy-rc.d"; fi
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt-get update
# Nor is a cluster of databases made, which Debian does where no settings forbid it (createcluster.conf(5)).
cluster=/etc/postgresql-common/createcluster.conf
if [[ " ${missing[*]} " == *" postgresql "* ]] && [ ! -e "$cluster" ]; then
  apt-get install --yes --no-install-recommends postgresql-common
  sed -i 's/^#*create_main_cluster *=.*/create_main_cluster = false/' "$cluster"
fi
apt-get install --yes --no-install-recommends "${missing[@]}"
echo "test:servers: installed ${missing[*]}; no service was started."
