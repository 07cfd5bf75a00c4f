# SPDX-License-Identifier: GPL-3.0-or-later
# A machine without backup cannot reach 100 %, however clean it is.
. ./lib.sh
[ "$(id -u)" = 0 ] || skip "needs root: fixtures hold files of several owners"
FIXTURES=$SOURCE/tests/fixtures
export FIXTURES
machine_of() { # FIXTURE
	mkdir "${TMP:?}/$1"
	(cd "$TMP/$1" && FIXTURE_BASE="${2:-}" sh -c '. "$FIXTURES/lib.sh"; . "$FIXTURES/$1.sh"' sh "$1")
}
expect "the clean machine" machine_of base
expect "the same without backup" machine_of backup-configured "$TMP/base"
exits 0 "with its backup" hf assess --no-state -f json --root "$TMP/base/root"
report 'r["secure_score"]["percent"] == 100 and r["risk_score"]["percent"] == 100'
report 'not [x for x in f if x["status"] == "unhealthy"]'
exits 0 "without it" hf assess --no-state -f json --root "$TMP/backup-configured/root"
report '[x["check"] for x in f if x["status"] == "unhealthy"] == ["backup-configured"]'
report 'r["secure_score"]["percent"] < 100 and r["risk_score"]["percent"] < 100'
# Repairing everything does not hide it.
hf fix --all --yes --root "$TMP/backup-configured/root" >/dev/null 2>&1 </dev/null
exits 0 "after fix --all" hf assess --no-state -f json --root "$TMP/backup-configured/root"
report 'r["secure_score"]["percent"] < 100 and r["risk_score"]["percent"] < 100'
# Nor does it matter what is looked at beside it.
exits 0 "practice 7 alone" hf assess --no-state -f json --root "$TMP/backup-configured/root" --practice 7
report 'r["secure_score"]["percent"] < 100'
finish
