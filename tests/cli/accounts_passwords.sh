# SPDX-License-Identifier: GPL-3.0-or-later
# holdfast accounts --audit-passwords on trees, with hashes that mkpasswd makes here.
. ./lib.sh

if ! command -v mkpasswd >/dev/null; then
	echo "ok 1 - the password audit # SKIP mkpasswd (package whois) is not installed"
	echo "1..1"
	exit 0
fi
# Without a tree of its own nothing may be written anywhere.
: "${TMP:?}"
hash_of() { # method password option...
	method=$1
	word=$2
	shift 2
	printf %s "$word" | mkpasswd -m "$method" "$@" -s
}
audit() {
	hf accounts --audit-passwords --root "${ROOT:?}" --i-own-this --no-state --quick \
		--priority normal "$@"
}
# The program tells its plan on standard error; nothing else may stand there.
only_plan() {
	if grep -v ' a try$\|passwords an account\|more than the budget' "$TMP/err" | grep -q .; then
		result 1 "  only the plan is told"
		show
	else
		result 0 "  only the plan is told"
	fi
}

machine one
write etc/ssh/sshd_config <<-E
	PasswordAuthentication yes
	UsePAM no
E
write usr/sbin/sshd 755 </dev/null
write etc/passwd <<-E
	root:x:0:0:root:/root:/bin/sh
	nagios:x:1001:1001::/home/nagios:/bin/sh
	jeff:x:1002:1002:Jeff Miles:/home/jeff:/bin/sh
	good:x:1003:1003::/home/good:/bin/sh
	twin:x:1004:1004::/home/twin:/bin/sh
	open:x:1005:1005::/home/open:/bin/sh
	lock:x:1006:1006::/home/lock:/bin/sh
	huge:x:1007:1007::/home/huge:/bin/sh
E
twin=$(hash_of md5crypt 'Xk9!vvQ2mm')
{
	echo "root:$(hash_of yescrypt 'Xk9!vvQ2mm' -R 1):19000:0:99999:7:::"
	echo "nagios:$(hash_of sha512crypt 'p@ssword123!' -R 1000):19000:0:99999:7:::"
	echo "jeff:$(hash_of bcrypt 'miles' -R 4):19000:0:99999:7:::"
	echo "good:$twin:19000:0:99999:7:::"
	echo "twin:$twin:19000:0:99999:7:::"
	echo "open::19000:0:99999:7:::"
	echo "lock:!$twin:19000:0:99999:7:::"
	# shellcheck disable=SC2016
	echo 'huge:$6$rounds=999999999$salt$nohashatall000:19000:0:99999:7:::'
} | write etc/shadow 600

exits 2 "a foreign root without a word" hf accounts --audit-passwords --root "${ROOT:?}"
says "--i-own-this"
exits 2 "a number that is none" audit --tries many
exits 2 "no passwords at all" audit --tries 0
exits 2 "a time that is none" audit --budget soon
exits 2 "facts are no machine" hf accounts --audit-passwords --facts "$TMP/none"
exits 3 "no such list" audit --breaches "$TMP/none"
exits 3 "no such words" audit --words "$TMP/none"
exits 3 "no such root" hf accounts --audit-passwords --root "$TMP/none" --i-own-this

exits 1 "an audit" audit
only_plan
prints "weak        nagios"
prints "guessed within 200 tries of the default list (a common word with changes)"
prints "weak        jeff"
prints "empty       open"
prints "shared      good"
prints "the very same hash as 1 other"
prints "skipped     huge"
prints "one try takes about"
prints_not "weak        root"
prints_not "p@ssword"
cut -d: -f2 "${ROOT:?}/etc/shadow" >"$TMP/hashes"
while read -r field; do
	case $field in
	*\$*\$????????????*) prints_not "${field##*\$}" ;;
	esac
done <"$TMP/hashes"
exits 1 "as JSON" audit -f json
report '{a["name"]: a["password"] for a in r["accounts"]}["nagios"] == "weak"'
report '{a["name"]: a["state"] for a in r["audit"]["accounts"]} == {"root": "strong", "nagios": "weak", "jeff": "weak", "good": "strong", "twin": "strong", "open": "empty", "lock": "locked", "huge": "skipped"}'
report 'r["audit"]["complete"] and r["audit"]["tries"] == 300 and r["audit"]["estimate"]["seconds"] > 0'
report '"key" not in r["audit"] and not any("print" in a for a in r["audit"]["accounts"])'
prints_not "p@ssword"
exits 1 "within 200 tries" audit --tries 200 -f json
report '[a for a in r["audit"]["accounts"] if a["name"] == "nagios"][0]["within"] <= 200'
expect "a foreign machine is not written to" [ ! -e "${ROOT:?}/var/lib/holdfast" ]

# Words of one's own, and lists.
machine ours
printf '# ours\nzanzibar\n' >"$TMP/words"
write etc/shadow 600 <<-E
	alice:$(hash_of md5crypt 'zanzibar1'):1::::::
E
exits 0 "a word that nobody knows" audit
exits 1 "a word of one's own" audit --words "$TMP/words"
prints "made from a word of the organisation"
write etc/shadow 600 </dev/null
nt=$(hash_of nt 'Xk9!vvQ2mm')
nt=$(echo "${nt##*\$}" | tr a-f A-F)
x=XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX
write var/lib/samba/private/smbpasswd 600 <<-E
	ann:1000:$x:$nt:[U          ]:LCT-5F000000:
E
echo "$nt:42" >"$TMP/ntlm"
exits 0 "an account of Samba" audit
prints "1 accounts"
exits 1 "whose password has leaked" audit --breaches "$TMP/ntlm"
prints "leaked: 42 times in the list of breaches"
prints "smbpasswd"
write smb.other <<-E
	bob:1000:$x:$(hash_of nt bob123 | sed 's/.*\$//' | tr a-f A-F):[U          ]:LCT-5F000000:
E
exits 1 "a file of accounts that is named" audit --passdb "${ROOT:?}/smb.other"
prints "weak        bob"
echo "what is this" >"$TMP/ntlm"
exits 3 "a list that is none" audit --breaches "$TMP/ntlm"
says "no list of SHA-1 or NT hashes"

# What others wrote.
machine odd
printf 'root:x:0:0::/root:/bin/sh\nev\033[31mil:x:1:1::/:/bin/sh\nbin\377:x:2:2::/:/bin/sh\n' |
	write etc/passwd
{
	printf 'ev\033[31mil:%s:1::::::\n' "$(hash_of md5crypt 123456)"
	printf 'bin\377:%s:1::::::\n' "$(hash_of md5crypt 123456)"
	# shellcheck disable=SC2016
	printf 'cut\n\n:::\n#\nroot:$y$jzzzT$a$b:1::::::\n'
	head -c 100000 /dev/zero
} | write etc/shadow 600
exits 1 "names with control characters" audit
prints '\x1B[31m'
if grep -q "$(printf '\033')\[31m" "$TMP/out" "$TMP/err"; then
	result 1 "  none of them reaches the terminal"
else
	result 0 "  none of them reaches the terminal"
fi
exits 1 "the same as JSON" audit -f json
report 'sum(a["state"] == "weak" for a in r["audit"]["accounts"]) == 2'
machine fifo
rm "${ROOT:?}/etc/shadow"
mkfifo "${ROOT:?}/etc/shadow"
exits 3 "a FIFO instead of shadow" audit
says "etc/shadow"

# 100,000 accounts.
machine many
other=$(hash_of descrypt 'Xk9!vvQ2' -S ab)
weak=$(hash_of descrypt user7 -S cd)
awk -v other="$other" -v weak="$weak" 'BEGIN {
	for (i = 0; i < 100000; i++)
		printf "user%d:%s:19000::::::\n", i, i == 7 ? weak : other
}' | write etc/shadow 600
exits 1 "100,000 accounts" audit --tries 5 -f json
report 'len(r["audit"]["accounts"]) == 100000 and [a["name"] for a in r["audit"]["accounts"] if a["state"] == "weak"] == ["user7"]'
audit --budget 1s --tries 2000 -f json >"$TMP/out" 2>"$TMP/err"
report 'not r["audit"]["complete"] and any(a["state"] == "unfinished" for a in r["audit"]["accounts"])'
finish
