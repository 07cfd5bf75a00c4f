# SPDX-License-Identifier: GPL-3.0-or-later
# The units that keep feeds current: exposure of the service, as systemd judges it, at most 2.0.
. ./lib.sh
if ! command -v systemd-analyze >/dev/null; then
	skip "systemd-analyze is not installed"
fi
exits 0 "exposure of the unit is at most 2.0" systemd-analyze security --offline=true \
	--threshold=20 "$SOURCE/packaging/holdfast-feed.service"
exits 0 "it runs the verb" grep -q '^ExecStart=/usr/bin/holdfast feed update$' \
	"$SOURCE/packaging/holdfast-feed.service"
exits 0 "once a day" grep -q '^OnCalendar=daily$' "$SOURCE/packaging/holdfast-feed.timer"
exits 1 "feed without a word says what it takes" hf feed status --dir /nonexistent/feeds
prints "There is no index yet"
exits 2 "a word it does not have" hf feed fetch
says "feed takes: update, import, export, status or forget"
finish
