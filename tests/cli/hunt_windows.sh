# SPDX-License-Identifier: GPL-3.0-or-later
# The built-in rules for Windows: an event for each of them, and the honest one beside it.
. ./lib.sh
export TZ=UTC
AUDIT=Microsoft-Windows-Security-Auditing
SYSMON=Microsoft-Windows-Sysmon
DEFENDER=Microsoft-Windows-Windows\ Defender
FIREWALL='Microsoft-Windows-Windows Firewall With Advanced Security'
SCM='Service Control Manager'
SECOND=0
: >"$TMP/found"

# event CHANNEL PROVIDER ID [NAME=VALUE]...: one more second, one more event of $TMP/log
event() {
	SECOND=$((SECOND + 1))
	printf '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="%s"/>' "$2"
	printf '<EventID>%s</EventID><TimeCreated SystemTime="2026-03-04T1%d:%02d:%02d.0000000Z"/>' "$3" \
		$((SECOND / 3600)) $((SECOND / 60 % 60)) $((SECOND % 60))
	printf '<EventRecordID>%d</EventRecordID><Channel>%s</Channel><Computer>VM1</Computer></System><EventData>' \
		$SECOND "$1"
	shift 3
	for pair; do
		printf '<Data Name="%s">%s</Data>' "${pair%%=*}" "$(printf %s "${pair#*=}" | sed 's/&/\&amp;/g;s/</\&lt;/g')"
	done
	printf '</EventData></Event>\n'
}
security() { # ID [NAME=VALUE]...
	id=$1
	shift
	event Security $AUDIT "$id" "$@" >>"$TMP/log"
}
failed() { # ADDRESS USER [SUBSTATUS [TYPE [WORKSTATION]]]
	security 4625 "TargetUserName=$2" "Status=0xc000006d" "SubStatus=${3:-0xc000006a}" "LogonType=${4:-3}" \
		"WorkstationName=${5:-KALI}" "IpAddress=$1" IpPort=50000
}
entered() { # ADDRESS USER [TYPE]
	security 4624 TargetUserSid=S-1-5-21-1-2-3-1001 "TargetUserName=$2" "LogonType=${3:-10}" \
		WorkstationName=KALI "IpAddress=$1" IpPort=50000
}
# times N COMMAND ARGUMENT...: # in them is the number
times() {
	most=$1
	shift
	for number in $(seq "$most"); do
		for argument; do
			shift
			set -- "$@" "$(printf %s "$argument" | sed "s/#/$number/g")"
		done
		"$@"
		shift $#
		set -- $again
	done
}
