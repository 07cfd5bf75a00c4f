# SPDX-License-Identifier: GPL-3.0-or-later
# The unit of the daemon: its exposure, as systemd judges it, is at most 3.0.
. ./lib.sh
if ! command -v systemd-analyze >/dev/null; then
	skip "systemd-analyze is not installed"
fi
exits 0 "exposure of the unit is at most 3.0" systemd-analyze security --offline=true \
	--threshold=30 "$SOURCE/packaging/holdfast-guard.service"
exits 0 "the unit is one" grep -q '^Type=notify' "$SOURCE/packaging/holdfast-guard.service"
# A drop-in gives more, and nothing but what its feature needs.
if [ -f "$SOURCE/packaging/holdfast-guard-jit.conf" ]; then
	cp "$SOURCE/packaging/holdfast-guard.service" "$TMP/holdfast-guard.service"
	grep -v '^#\|^\[' "$SOURCE/packaging/holdfast-guard-jit.conf" >"$TMP/more"
	sed -i "/^CapabilityBoundingSet=/r $TMP/more" "$TMP/holdfast-guard.service"
	exits 0 "with just-in-time access it is at most 3.3" systemd-analyze security --offline=true \
		--threshold=33 "$TMP/holdfast-guard.service"
fi
finish
