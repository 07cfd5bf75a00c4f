# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests in this folder: builds trees and compares what `holdfast query` says.
#
#   tree NAME                       start an empty tree; the following commands work on it
#   write PATH [MODE [UID:GID]] <<E a file with the text of standard input
#   folder PATH [MODE [UID:GID]]    a directory
#   link TARGET PATH                a symbolic link
#   query "SQL" ["name"] <<E        rows (columns joined by |) must equal standard input
#   holds "text" COMMAND...         COMMAND's output must contain the text
#   skip REASON                     the rest of the file is left out
#   finish                          last line of every test
# OPTS holds further options for query, for example OPTS="--proc $PROC".
set -u
umask 022
HOLDFAST=${HOLDFAST:-build/holdfast}
case $HOLDFAST in /*) ;; *) HOLDFAST=$PWD/$HOLDFAST ;; esac
TMP=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$TMP" 2>/dev/null; rm -rf "$TMP"' EXIT
trap 'exit 99' INT TERM
N=0
BAD=0
OPTS=

result() { # ok? name
	N=$((N + 1))
	word=ok
	[ "$1" = 0 ] || word="not ok" BAD=1
	printf '%s %d - %s\n' "$word" $N "$(printf %s "$2" | tr '\n' ' ')"
}

tree() {
	ROOT=$TMP/$1
	mkdir -p "$ROOT"
}

own() { # path mode owner
	chmod "${2:-644}" "$1"
	if [ -n "${3:-}" ] && [ "$(id -u)" = 0 ]; then chown -h "$3" "$1"; fi
}

write() {
	mkdir -p "$ROOT/$(dirname "$1")"
	cat >"$ROOT/$1"
	own "$ROOT/$1" "${2:-644}" "${3:-}"
}

folder() {
	mkdir -p "$ROOT/$1"
	own "$ROOT/$1" "${2:-755}" "${3:-}"
}

link() {
	mkdir -p "$ROOT/$(dirname "$2")"
	ln -sfn "$1" "$ROOT/$2"
}

query() {
	cat >"$TMP/expected"
	# shellcheck disable=SC2086
	"$HOLDFAST" query --format list --root "$ROOT" $OPTS "$1" >"$TMP/got" 2>"$TMP/errors"
	code=$?
	if [ $code = 0 ] && cmp -s "$TMP/expected" "$TMP/got"; then
		result 0 "${2:-$1}"
	else
		result 1 "${2:-$1}"
		echo "# exit code $code"
		diff "$TMP/expected" "$TMP/got" | sed 's/^/# /'
		sed 's/^/# /' "$TMP/errors"
	fi
}

holds() {
	text=$1
	shift
	"$@" >"$TMP/got" 2>&1
	if grep -qF -- "$text" "$TMP/got"; then
		result 0 "$text"
	else
		result 1 "$text"
		sed 's/^/# /' "$TMP/got" | head -n 20
	fi
}

skip() {
	N=$((N + 1))
	echo "ok $N # SKIP $1"
	finish
}

finish() {
	echo "1..$N"
	exit $BAD
}
