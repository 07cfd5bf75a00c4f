# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests in this folder, on top of tests/facts/lib.sh (tree, write, folder, link, …).
#
#   hf ARGUMENT...                  the program
#   exits CODE NAME COMMAND...      exit code; standard output in $TMP/out, errors in $TMP/err
#   says TEXT                       the last command printed one line of errors with TEXT
#   quiet                           the last command printed no errors
#   prints TEXT, prints_not TEXT    what stands in $TMP/out
#   report EXPRESSION               Python over the JSON report `r` in $TMP/out is true (`f`: its findings,
#                                   `want`: $WANT)
#   machine NAME                    a small tree of a machine (tree NAME, then some files)
#   check ID [SEVERITY] <<E         a check of our own in $CHECKS from a SELECT
#   expect NAME COMMAND...          COMMAND succeeds
. ../facts/lib.sh
SOURCE=${SOURCE:-$(cd ../.. && pwd)}
CHECKS=$TMP/checks.d
mkdir "$CHECKS"
unset NO_COLOR HOLDFAST_SANDBOX HOLDFAST_METADATA_URL XDG_STATE_HOME
export LC_ALL=C.UTF-8 COLUMNS=80 HOME="$TMP" HOLDFAST_CACHE="$TMP/cache" HOLDFAST_FEEDS="$TMP/none"

hf() { "$HOLDFAST" "$@"; }

exits() {
	want=$1
	name=$2
	shift 2
	"$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	got=$?
	if [ $got = "$want" ]; then
		result 0 "$name"
	else
		result 1 "$name: exit code $got, not $want"
		sed 's/^/# /' "$TMP/err" | head -n 20
	fi
}

show() {
	sed 's/^/# out: /' "$TMP/out" | head -n 20
	sed 's/^/# err: /' "$TMP/err" | head -n 20
}

says() {
	if [ "$(wc -l <"$TMP/err")" = 1 ] && grep -qF -- "$1" "$TMP/err" &&
		grep -q '^holdfast: ' "$TMP/err"; then
		result 0 "  says: $1"
	else
		result 1 "  says: $1"
		show
	fi
}

quiet() {
	if [ -s "$TMP/err" ]; then
		result 1 "  no errors"
		show
	else
		result 0 "  no errors"
	fi
}

prints() {
	if grep -qF -- "$1" "$TMP/out"; then
		result 0 "  prints: $1"
	else
		result 1 "  prints: $1"
		show
	fi
}

prints_not() {
	if grep -qF -- "$1" "$TMP/out"; then
		result 1 "  does not print: $1"
		show
	else
		result 0 "  does not print: $1"
	fi
}

report() {
	if python3 -c '
import json, os, sys
r = json.load(open(sys.argv[1], encoding="utf-8"))
f = r["findings"] if isinstance(r, dict) and "findings" in r else []
want = os.environ.get("WANT", "")
sys.exit(not eval(sys.argv[2]))' "$TMP/out" "$1" 2>"$TMP/python"; then
		result 0 "  $1 ${WANT:-}"
	else
		result 1 "  $1 ${WANT:-}"
		sed 's/^/# /' "$TMP/python"
		show
	fi
}

expect() {
	name=$1
	shift
	if "$@" >"$TMP/said" 2>&1; then
		result 0 "$name"
	else
		result 1 "$name"
		sed 's/^/# /' "$TMP/said" | head -n 20
	fi
}

machine() {
	tree "$1"
	write etc/passwd <<-E
		root:x:0:0:root:/root:/bin/sh
		alice:x:1000:1000:Alice:/home/alice:/bin/sh
	E
	write etc/group <<-E
		root:x:0:
		alice:x:1000:
	E
	write etc/shadow 600 <<-E
		root:*:19000:0:99999:7:::
		alice:!:19000:0:99999:7:::
	E
	write etc/hostname <<-E
		web1
	E
	write etc/os-release <<-E
		PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
		ID=debian
		VERSION_ID="12"
	E
	folder root 700
	folder bin
	write bin/sh 755 </dev/null
}

check() {
	{
		cat <<-E
			-- id: $1
			-- title: Test of $1
			-- practice: 1-secure-score
			-- control: remediate-security-configurations
			-- severity: ${2:-high}
			-- fix: Put it right.
			-- why: It is a test.
		E
		cat
	} >"$CHECKS/$1.sql"
}
