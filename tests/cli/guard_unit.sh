# SPDX-License-Identifier: GPL-3.0-or-later
# The unit of the daemon: its exposure, as systemd judges it, is at most 3.0.
. ./lib.sh
if ! command -v systemd-analyze >/dev/null; then
	skip "systemd-analyze is not installed"
fi
exits 0 "exposure of the unit is at most 3.0" systemd-analyze security --offline=true \
	--threshold=30 "$SOURCE/packaging/holdfast-guard.service"
exits 0 "the unit is one" grep -q '^Type=notify' "$SOURCE/packaging/holdfast-guard.service"
finish
