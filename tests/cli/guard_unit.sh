# SPDX-License-Identifier: GPL-3.0-or-later
# The unit of the daemon: its exposure, as systemd judges it, is at most 3.0.
. ./lib.sh
if ! command -v systemd-analyze >/dev/null; then
	skip "systemd-analyze is not installed"
fi
exits 0 "exposure of the unit is at most 3.0" systemd-analyze security --offline=true \
	--threshold=30 "$SOURCE/packaging/holdfast-guard.service"
exits 0 "the unit is one" grep -q '^Type=notify' "$SOURCE/packaging/holdfast-guard.service"
# What systemd itself says of it, with the program where it is here.
mkdir -p "$TMP/units/holdfast-guard.service.d"
sed -e "s#^ExecStart=/usr/bin/holdfast#ExecStart=$HOLDFAST#" -e '/^Documentation=/d' \
	"$SOURCE/packaging/holdfast-guard.service" >"$TMP/units/holdfast-guard.service"
cp "$SOURCE/packaging/holdfast-guard-jit.conf" "$TMP/units/holdfast-guard.service.d/"
exits 0 "systemd-analyze verify" env SYSTEMD_UNIT_PATH="$TMP/units:" \
	systemd-analyze verify --man=no --recursive-errors=no "$TMP/units/holdfast-guard.service"
quiet
# A drop-in gives more, and nothing but what its feature needs.
if [ -f "$SOURCE/packaging/holdfast-guard-jit.conf" ]; then
	cp "$SOURCE/packaging/holdfast-guard.service" "$TMP/holdfast-guard.service"
	grep -v '^#\|^\[' "$SOURCE/packaging/holdfast-guard-jit.conf" >"$TMP/more"
	sed -i "/^CapabilityBoundingSet=/r $TMP/more" "$TMP/holdfast-guard.service"
	exits 0 "with just-in-time access it is at most 3.3" systemd-analyze security --offline=true \
		--threshold=33 "$TMP/holdfast-guard.service"
fi
finish
