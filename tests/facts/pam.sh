#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pam_stack, password_policy, login_defs
. ./lib.sh

policy() { query "SELECT name, value, source, line FROM password_policy ORDER BY name" "$1"; }

tree debian
write etc/login.defs <<'E'
# comment
UMASK		027
PASS_MAX_DAYS	99999
PASS_MAX_DAYS	365
PASS_MIN_DAYS	1
ENV_PATH	"PATH=/bin:/usr/bin"
ENCRYPT_METHOD YESCRYPT
LONELY
E
write etc/pam.d/common-auth <<'E'
auth	[success=2 default=ignore]	pam_unix.so nullok
auth	[default=die]	pam_faillock.so authfail deny=4
auth	requisite	pam_deny.so
E
write etc/pam.d/common-password <<'E'
password	requisite	pam_pwquality.so retry=3 minclass=2
password	required	pam_pwhistory.so remember=7 use_authtok
password	[success=1 default=ignore]	pam_unix.so obscure use_authtok yescrypt rounds=8
E
write etc/pam.d/sshd <<'E'
@include common-auth
-session	optional	pam_systemd.so
session	optional pam_umask.so \
	umask=077 # comment
account  required  /lib/security/pam_access.so
auth include missing
E
write etc/pam.d/sshd.dpkg-old <<'E'
auth sufficient pam_permit.so
E
write etc/pam.d/passwd <<'E'
@include common-password
E
write etc/security/pwquality.conf <<'E'
# minlen = 8
minlen = 14
dcredit=-1
E
write etc/security/pwquality.conf.d/10-site.conf <<'E'
minlen = 10
ucredit = -1
enforce_for_root
E
write etc/security/pwquality.conf.d/ignored.txt <<'E'
lcredit = -1
E
write etc/security/faillock.conf <<'E'
deny = 9
unlock_time = 0
even_deny_root
E
query "SELECT service, type, position, control, module, arguments, file, line FROM pam_stack WHERE service IN ('sshd','passwd') ORDER BY service, type, position" "stacks" <<'E'
passwd|password|1|requisite|pam_pwquality.so|retry=3 minclass=2|/etc/pam.d/common-password|1
passwd|password|2|required|pam_pwhistory.so|remember=7 use_authtok|/etc/pam.d/common-password|2
passwd|password|3|[success=1 default=ignore]|pam_unix.so|obscure use_authtok yescrypt rounds=8|/etc/pam.d/common-password|3
sshd|account|1|required|pam_access.so||/etc/pam.d/sshd|5
sshd|auth|1|[success=2 default=ignore]|pam_unix.so|nullok|/etc/pam.d/common-auth|1
sshd|auth|2|[default=die]|pam_faillock.so|authfail deny=4|/etc/pam.d/common-auth|2
sshd|auth|3|requisite|pam_deny.so||/etc/pam.d/common-auth|3
sshd|auth|4|include|||/etc/pam.d/sshd|6
sshd|session|1|optional|pam_systemd.so||/etc/pam.d/sshd|2
sshd|session|2|optional|pam_umask.so|umask=077|/etc/pam.d/sshd|3
E
query "SELECT count(*) FROM pam_stack WHERE service LIKE '%dpkg%'" <<'E'
0
E
policy "module arguments over files over defaults" <<'E'
dcredit|-1|pwquality.conf|3
deny|4|pam|2
dictcheck|1|default|0
encrypt_method|yescrypt|pam|3
enforce_for_root|yes|pwquality.conf|3
enforcing|1|default|0
even_deny_root|yes|faillock.conf|3
fail_interval|900|default|0
faillock|enabled|pam|2
lcredit|0|default|0
minclass|2|pam|1
minlen|14|pwquality.conf|2
nullok|yes|pam|1
ocredit|0|default|0
pass_max_days|365|login.defs|4
pass_min_days|1|login.defs|5
pwquality|enabled|pam|1
remember|7|pam|2
rounds|8|pam|3
ucredit|-1|pwquality.conf|2
umask|077|pam|3
unlock_time|0|faillock.conf|2
E
query "SELECT name, value, line FROM login_defs" <<'E'
UMASK|027|2
PASS_MAX_DAYS|365|4
PASS_MIN_DAYS|1|5
ENV_PATH|PATH=/bin:/usr/bin|6
ENCRYPT_METHOD|YESCRYPT|7
E

tree redhat
write etc/pam.d/system-auth <<'E'
auth        required      pam_env.so
auth        required      pam_faillock.so preauth silent
auth        sufficient    pam_unix.so
auth        required      pam_faillock.so authfail
auth        required      pam_deny.so
password    requisite     pam_pwquality.so local_users_only
password    sufficient    pam_unix.so sha512 shadow use_authtok
password    required      pam_deny.so
E
cp "$ROOT/etc/pam.d/system-auth" "$ROOT/etc/pam.d/password-auth"
write etc/pam.d/passwd <<'E'
auth       include	system-auth
password   substack	system-auth
-password  optional	pam_gnome_keyring.so use_authtok
E
write etc/pam.d/sshd <<'E'
auth       substack     password-auth
auth       include      postlogin
E
write etc/pam.d/postlogin <<'E'
session optional pam_lastlog.so
E
write etc/security/pwquality.conf <<'E'
minlen = 4
difok = 1
dcredit = many
ucredit = -1
E
query "SELECT service, type, position, module FROM pam_stack WHERE service IN ('sshd', 'passwd') AND type IN ('password') OR service = 'sshd'" "include and substack" <<'E'
passwd|password|1|pam_pwquality.so
passwd|password|2|pam_unix.so
passwd|password|3|pam_deny.so
passwd|password|4|pam_gnome_keyring.so
sshd|auth|1|pam_env.so
sshd|auth|2|pam_faillock.so
sshd|auth|3|pam_unix.so
sshd|auth|4|pam_faillock.so
sshd|auth|5|pam_deny.so
E
query "SELECT name, value, source FROM password_policy WHERE name IN ('minlen','ucredit','faillock','deny','nullok','encrypt_method','remember') ORDER BY name" "Red Hat's defaults, no length below six" <<'E'
deny|3|default
encrypt_method|sha512|pam
faillock|enabled|pam
minlen|6|pwquality.conf
nullok|no|default
remember|0|default
ucredit|0|default
E
query "SELECT path, reason FROM collector_problems WHERE name = 'password_policy'" <<'E'
/etc/security/pwquality.conf|line 3: dcredit needs a number
E

tree plain
write etc/pam.d/common-password <<'E'
password [success=1 default=ignore] pam_unix.so obscure yescrypt minlen=9
E
write etc/pam.d/common-auth <<'E'
auth sufficient pam_unix.so nullok_secure
E
query "SELECT name, value, source FROM password_policy WHERE name IN ('pwquality','minlen','minclass','faillock','deny','nullok') ORDER BY name" "pam_unix alone" <<'E'
deny|0|default
faillock|disabled|default
minclass|0|default
minlen|9|pam
nullok|secure|pam
pwquality|disabled|default
E

tree alpine
query "SELECT count(*), (SELECT status FROM collector_status WHERE name = 'password_policy') FROM password_policy" "no PAM at all" <<'E'
0|ok
E

tree conf
write etc/pam.conf <<'E'
sshd auth required pam_unix.so
other auth required pam_deny.so
E
query "SELECT service, type, module, file FROM pam_stack" <<'E'
sshd|auth|pam_unix.so|/etc/pam.conf
other|auth|pam_deny.so|/etc/pam.conf
E

tree vendor
write usr/lib/pam.d/sshd <<'E'
auth required pam_unix.so
E
write usr/lib/pam.d/login <<'E'
auth required pam_deny.so
E
write etc/pam.d/login <<'E'
auth required pam_permit.so
E
query "SELECT service, module, file FROM pam_stack" "the vendor's files stand back" <<'E'
login|pam_permit.so|/etc/pam.d/login
sshd|pam_unix.so|/usr/lib/pam.d/sshd
E

tree bad
write etc/pam.d/a <<'E'
auth include b
auth include b
auth
nonsense
E
write etc/pam.d/b <<'E'
auth include a
auth include a
E
mkfifo "$ROOT/etc/pam.d/fifo"
query "SELECT status FROM collector_status WHERE name = 'pam_stack'" "loops" <<'E'
incomplete
E
query "SELECT DISTINCT path, reason FROM collector_problems WHERE name = 'pam_stack' AND reason NOT LIKE '%levels%' ORDER BY path" <<'E'
/etc/pam.d/a|line 3: not a rule of PAM
/etc/pam.d/fifo|not a regular file
E

finish
