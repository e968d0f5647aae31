#!/bin/sh
# Starts a server with the users of users.acl:  start.sh valkey-server --appendonly yes ...
#
# A user's password is the file /run/secrets/NAME, or the variable MILL_PASSWORD_NAME (in capitals, "-" as "_"). There is
# no default: a user without a password does not exist. Each scraper named in MILL_SCRAPERS ("news shops"), and each
# secret scraper-QUEUE, is a user scraper-QUEUE with the queue QUEUE.
#
# MILL_SECRETS: another folder of secrets. MILL_ACL_FILE: where the users are written (hashes, no passwords).
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
secrets=${MILL_SECRETS:-/run/secrets}
target=${MILL_ACL_FILE:-/tmp/users.acl}

password() {
  if [ -f "$secrets/$1" ]; then
    tr -d '\r\n' <"$secrets/$1"
  else
    printenv "MILL_PASSWORD_$(printf %s "$1" | tr 'a-z-' 'A-Z_')" | tr -d '\n' || true
  fi
}

add_user() { # name, rules
  secret=$(password "$1")
  [ -n "$secret" ] || return 0
  hash=$(printf %s "$secret" | sha256sum | cut -d ' ' -f 1)
  printf 'user %s reset on #%s %s\n' "$1" "$hash" "$2"
}

scrapers() {
  for queue in ${MILL_SCRAPERS:-}; do printf '%s\n' "$queue"; done
  for file in "$secrets"/scraper-*; do
    [ ! -f "$file" ] || printf '%s\n' "${file##*/scraper-}"
  done
}

one_line_a_user() {
  awk '/^[ \t]*(#|$)/ { next }
       /^user / { if (line) print line; line = $2; next }
       { sub(/^[ \t]+/, " "); line = line $0 }
       END { print line }' "$here/users.acl"
}

{
  echo 'user default reset'
  one_line_a_user | while read -r name rules; do
    if [ "$name" = scraper-QUEUE ]; then
      scrapers | sort -u | while read -r queue; do
        case $queue in
          *[!A-Za-z0-9_.-]*) echo "start.sh: $queue is no name of a queue" >&2 ;;
          *) add_user "scraper-$queue" "$(printf %s "$rules" | sed "s/QUEUE/$queue/g")" ;;
        esac
      done
    else
      add_user "$name" "$rules"
    fi
  done
} >"$target"

if ! grep -q '^user admin ' "$target"; then
  echo "start.sh: no password for the user admin: set MILL_PASSWORD_ADMIN, or give a file $secrets/admin" >&2
  exit 1
fi
for name in $(env | sed -n 's/^\(MILL_PASSWORD_[A-Z0-9_]*\)=.*/\1/p'); do unset "$name"; done
exec "$@" --aclfile "$target"
