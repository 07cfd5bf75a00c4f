# SPDX-License-Identifier: GPL-3.0-or-later
# fix and undo on trees of other families: Rocky Linux 9, AlmaLinux 8 and Alpine, with the files that
# their packages bring: each action goes to that distribution's own paths, or says why it does not.
. ./lib.sh
[ "$(id -u)" = 0 ] || skip "needs root: files of several owners"
fix() { hf fix --root "${ROOT:?}" "$@"; }
same() { diff -r --no-dereference --exclude=holdfast "$1" "${ROOT:?}" && modes "$1" >"$TMP/a" && modes "$ROOT" >"$TMP/b" && cmp "$TMP/a" "$TMP/b"; }
modes() { (cd "${1:?}" && find . -path ./var/lib/holdfast -prune -o -printf '%p %m %u %g %y\n' | grep -v '^\./var/lib ' | sort); }
modules() { # FOLDER MODULE...
	to=$1
	shift
	for module; do
		printf '\177ELF' | write "$to/pam_$module.so" 755
	done
}
accounts() { # SHELL
	printf 'root:x:0:0:root:/root:%s\nops:x:1000:1000::/home/ops:%s\n' "$1" "$1" | write etc/passwd
	printf 'root:x:0:\nwheel:x:10:ops\nutmp:x:22:\nops:x:1000:\n' | write etc/group
	printf '%s\n' 'root:!locked::0:99999:7:::' \
		'ops:$6$saltsalt$0123456789012345678901234567890123456789012345678901234567890123456789012345678901234:19900:0:99999:7:::' |
		write etc/shadow 000
	folder home/ops/.ssh 700 1000:1000
	echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF3sOTqM3kzSSTiFehLJXTHSerR8qQrEBZ5IJuBa7Wab ops@laptop" |
		write home/ops/.ssh/authorized_keys 600 1000:1000
	chown 1000:1000 "${ROOT:?}/home/ops"
	echo "%wheel	ALL=(ALL)	ALL" | write etc/sudoers 440
	folder root 550
	folder var/lib
	folder var/log
	folder tmp 1777
}

# Every action of a tree: done on it or left alone with a reason; a second run and undo.
round() { # NAME
	cp -a "${ROOT:?}" "$TMP/$1.before"
	exits 1 "$1: the plan of everything" fix --all --dry-run -f json
	report 'all(a["changes"] or a["cannot"] or a["manual"] or not a["changes"] for a in r["actions"])'
	expect "changes nothing" same "$TMP/$1.before"
	fix --all --yes -f json >"$TMP/out" 2>"$TMP/err" </dev/null
	code=$?
	expect "$1: fix --all (exit code $code)" [ $code -le 1 ]
	report '[a["check"] for a in r["actions"] if a.get("error")] == []'
	report 'r["score_after"] > r["score_before"] + 5'
	report 'len([a for a in r["actions"] if a.get("healthy")]) >= 20'
	cp "$TMP/out" "$TMP/$1.json"
	cp -a "$ROOT" "$TMP/$1.after"
	fix --all --yes >/dev/null 2>&1 </dev/null
	expect "$1: a second run changes nothing" same "$TMP/$1.after"
}
back() { # NAME
	exits 0 "$1: undo --all" hf undo --all --root "${ROOT:?}"
	expect "$1: every byte, mode and owner is what it was" same "$TMP/$1.before"
}
why() { # CHECK WORDS: why it was left alone
	cp "$TMP/$family.json" "$TMP/out"
	report "[a['cannot'] for a in r['actions'] if a['check'] == '$1' and a['cannot'] and '$2' in a['cannot']] != []"
}
done_is() { # CHECK
	cp "$TMP/$family.json" "$TMP/out"
	report "[a.get('healthy') for a in r['actions'] if a['check'] == '$1'] == [True]"
}

# ---- Rocky Linux 9: openssh-server 8.7, authselect, chrony, nftables without firewalld ----------------
family=rocky9
tree $family
accounts /bin/bash
printf '%s\n' 'NAME="Rocky Linux"' 'VERSION="9.4 (Blue Onyx)"' 'ID="rocky"' 'ID_LIKE="rhel centos fedora"' \
	'VERSION_ID="9.4"' 'PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"' | write etc/os-release
echo "Rocky Linux release 9.4 (Blue Onyx)" | write etc/redhat-release
for program in bash nologin sshd nft chronyd auditd sudo dnf rpm authselect; do
	printf '\177ELF' | write usr/bin/$program 755
done
link usr/bin bin
link usr/lib lib
link usr/lib64 lib64
folder usr/sbin
for program in sshd chronyd auditd nft; do
	link ../bin/$program usr/sbin/$program
done
printf 'SELINUX=permissive\nSELINUXTYPE=targeted\n' | write etc/selinux/config
printf '/dev/vda1 / xfs defaults 0 0\ntmpfs /tmp tmpfs defaults 0 0\n' | write etc/fstab
folder etc/yum.repos.d
printf '%s\n' '# To modify the system-wide sshd configuration, create a  *.conf  file under' \
	'Include /etc/ssh/sshd_config.d/*.conf' 'AuthorizedKeysFile	.ssh/authorized_keys' \
	'Subsystem	sftp	/usr/libexec/openssh/sftp-server' | write etc/ssh/sshd_config 600
printf '%s\n' 'Include /etc/crypto-policies/back-ends/opensshserver.config' 'SyslogFacility AUTHPRIV' \
	'ChallengeResponseAuthentication no' 'GSSAPIAuthentication yes' 'GSSAPICleanupCredentials no' 'UsePAM yes' \
	'X11Forwarding yes' 'PrintMotd no' | write etc/ssh/sshd_config.d/50-redhat.conf 600
echo "Ciphers aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes128-gcm@openssh.com,aes128-ctr" |
	write etc/crypto-policies/back-ends/opensshserver.config
printf '%s\n' 'pool 2.rocky.pool.ntp.org iburst' 'sourcedir /run/chrony-dhcp' 'driftfile /var/lib/chrony/drift' \
	'makestep 1.0 3' 'rtcsync' 'keyfile /etc/chrony.keys' 'logdir /var/log/chrony' | grep -v ^pool | write etc/chrony.conf
printf '[Unit]\nDescription=NTP\n[Service]\nExecStart=/usr/sbin/chronyd\n[Install]\nWantedBy=multi-user.target\n' |
	write usr/lib/systemd/system/chronyd.service
printf '[Unit]\nDescription=nft\n[Service]\nType=oneshot\nExecStart=/sbin/nft -f /etc/sysconfig/nftables.conf\n[Install]\nWantedBy=multi-user.target\n' |
	write usr/lib/systemd/system/nftables.service
printf '[Unit]\nDescription=sshd\n[Service]\nExecStart=/usr/sbin/sshd -D $OPTIONS\n[Install]\nWantedBy=multi-user.target\n' |
	write usr/lib/systemd/system/sshd.service
printf '[Unit]\nDescription=c\n[Timer]\nOnBootSec=10min\n[Install]\nWantedBy=timers.target\n' |
	write usr/lib/systemd/system/dnf-makecache.timer
folder etc/systemd/system/multi-user.target.wants
link /usr/lib/systemd/system/sshd.service etc/systemd/system/multi-user.target.wants/sshd.service
printf '%s\n' '# Uncomment the include statement here to load the default config sample' '# include "/etc/nftables/main.nft"' |
	write etc/sysconfig/nftables.conf 600
echo "minimal" | write etc/authselect/authselect.conf
for stack in system-auth password-auth; do
	printf '%s\n' 'auth        required      pam_env.so' 'auth        sufficient    pam_unix.so try_first_pass nullok' \
		'auth        required      pam_deny.so' 'account     required      pam_unix.so' \
		'password    requisite     pam_pwquality.so' \
		'password    sufficient    pam_unix.so yescrypt shadow nullok use_authtok' \
		'password    required      pam_deny.so' 'session     required      pam_unix.so' | write etc/authselect/$stack
	link /etc/authselect/$stack etc/pam.d/$stack
done
printf 'auth\tsubstack\tpassword-auth\naccount\tinclude\tpassword-auth\npassword\tinclude\tpassword-auth\nsession\tinclude\tpassword-auth\n' |
	write etc/pam.d/sshd
for service in passwd login sudo; do
	printf 'auth\tsubstack\tsystem-auth\naccount\tinclude\tsystem-auth\npassword\tsubstack\tsystem-auth\nsession\tinclude\tsystem-auth\n' |
		write etc/pam.d/$service
done
printf '%s\n' 'auth		sufficient	pam_rootok.so' '#auth		required	pam_wheel.so use_uid' \
	'auth		substack	system-auth' 'account		include		system-auth' | write etc/pam.d/su
modules usr/lib64/security unix env deny pwquality faillock pwhistory rootok wheel
printf 'PASS_MAX_DAYS\t99999\nUMASK\t\t022\nHOME_MODE\t0700\nENCRYPT_METHOD SHA512\n' | write etc/login.defs
printf '# umask\nif [ $UID -gt 199 ]; then\n    umask 002\nelse\n    umask 022\nfi\n' | write etc/bashrc
printf '# unset\n' | write etc/profile
printf '[main]\n' | write etc/dnf/dnf.conf
round $family
expect "sshd's drop-in" grep -q "^PasswordAuthentication no" "$ROOT/etc/ssh/sshd_config.d/00-holdfast.conf"
expect "its firewall's file" grep -qx 'include "/etc/holdfast/firewall.nft"' "$ROOT/etc/sysconfig/nftables.conf"
expect "and not Debian's" [ ! -e "$ROOT/etc/nftables.conf" ]
expect "the service of the firewall" [ -L "$ROOT/etc/systemd/system/multi-user.target.wants/nftables.service" ]
expect "the clock has a source in the file that chronyd reads" grep -q "^pool pool.ntp.org" "$ROOT/etc/chrony.conf"
expect "its service" [ -L "$ROOT/etc/systemd/system/multi-user.target.wants/chronyd.service" ]
expect "su asks for the group" grep -q "pam_wheel.so use_uid group=" "$ROOT/etc/pam.d/su"
expect "files of authselect are left alone" cmp "$TMP/$family.before/etc/authselect/system-auth" "$ROOT/etc/authselect/system-auth"
why pw-lockout "authselect enable-feature with-faillock"
why pw-nullok "authselect enable-feature without-nullok"
why os-auto-updates "install dnf-automatic first"
why edr "no package for it is known"
expect "SELinux enforces from the next start on" grep -qx SELINUX=enforcing "$ROOT/etc/selinux/config"
done_is time-sync
done_is fw-default-deny
done_is ssh-password-auth
done_is pw-min-length
back $family

# ---- AlmaLinux 8: no sshd_config.d, algorithms on sshd's command line, PAM without authselect ---------
family=alma8
cp -a "$TMP/rocky9.before" "$TMP/$family"
ROOT=$TMP/$family
printf '%s\n' 'NAME="AlmaLinux"' 'VERSION="8.10 (Cerulean Leopard)"' 'ID="almalinux"' \
	'ID_LIKE="rhel centos fedora"' 'VERSION_ID="8.10"' 'PRETTY_NAME="AlmaLinux 8.10"' | write etc/os-release
rm -r "${ROOT:?}/etc/ssh/sshd_config.d" "$ROOT/etc/authselect" "$ROOT/etc/pam.d/system-auth" "$ROOT/etc/pam.d/password-auth"
printf '%s\n' 'SyslogFacility AUTHPRIV' 'PermitRootLogin yes' 'AuthorizedKeysFile	.ssh/authorized_keys' \
	'PasswordAuthentication yes' 'ChallengeResponseAuthentication no' 'UsePAM yes' 'X11Forwarding yes' \
	'Match User nobody' '	MaxAuthTries 20' | write etc/ssh/sshd_config 600
printf '[Unit]\nDescription=sshd\n[Service]\nEnvironmentFile=-/etc/crypto-policies/back-ends/opensshserver.config\nEnvironmentFile=-/etc/sysconfig/sshd\nExecStart=/usr/sbin/sshd -D $OPTIONS $CRYPTO_POLICY\n[Install]\nWantedBy=multi-user.target\n' |
	write usr/lib/systemd/system/sshd.service
printf '%s\n' '# System-wide crypto policy:' '# CRYPTO_POLICY=' 'SSH_USE_STRONG_RNG=0' | write etc/sysconfig/sshd 640
for stack in system-auth password-auth; do
	printf '%s\n' 'auth        required      pam_env.so' 'auth        sufficient    pam_unix.so try_first_pass nullok' \
		'auth        required      pam_deny.so' 'account     required      pam_unix.so' \
		'password    requisite     pam_pwquality.so try_first_pass local_users_only' \
		'password    sufficient    pam_unix.so try_first_pass use_authtok nullok sha512 shadow' \
		'password    required      pam_deny.so' 'session     required      pam_unix.so' | write etc/pam.d/$stack
done
round $family
expect "sshd's settings stand in front of all others" sh -c "head -1 '$ROOT/etc/ssh/sshd_config' | grep -qx '# holdfast: begin'"
expect "no folder is made that nobody reads" [ ! -e "$ROOT/etc/ssh/sshd_config.d" ]
expect "a line in a Match block does not win" grep -q '^# holdfast: 	MaxAuthTries 20' "$ROOT/etc/ssh/sshd_config"
expect "sshd has its algorithms from that file" grep -qx 'CRYPTO_POLICY=' "$ROOT/etc/sysconfig/sshd"
expect "lines of PAM: in front" sh -c "grep -A1 'pam_faillock.so preauth' '$ROOT/etc/pam.d/system-auth' | grep -q pam_unix"
expect "and behind" sh -c "grep -A1 'pam_unix.so try_first_pass' '$ROOT/etc/pam.d/password-auth' | grep -q 'pam_faillock.so authfail'"
expect "no empty passwords" sh -c "! grep -q nullok '$ROOT/etc/pam.d/system-auth'"
done_is pw-lockout
done_is pw-nullok
done_is pw-history
back $family

# ---- Alpine 3.19: OpenRC, busybox, apk, no systemd ----------------------------------------------------
family=alpine
tree $family
accounts /bin/ash
printf '%s\n' 'NAME="Alpine Linux"' 'ID=alpine' 'VERSION_ID=3.19.1' 'PRETTY_NAME="Alpine Linux v3.19"' | write etc/os-release
echo 3.19.1 | write etc/alpine-release
for program in bin/busybox sbin/apk sbin/openrc-run usr/sbin/sshd usr/sbin/nft usr/sbin/chronyd usr/bin/sudo; do
	printf '\177ELF' | write $program 755
done
link /bin/busybox bin/ash
link /bin/busybox bin/sh
link /bin/busybox usr/bin/crontab
printf 'alpine-base\nopenssh\nchrony\nnftables\n' | write etc/apk/world
printf 'P:openssh-server\nV:9.6_p1-r0\nA:x86_64\n\nP:chrony\nV:4.5-r0\nA:x86_64\n\nP:nftables\nV:1.0.9-r2\nA:x86_64\n\n' |
	write lib/apk/db/installed
for service in sshd chronyd nftables crond; do
	printf '#!/sbin/openrc-run\n' | write etc/init.d/$service 755
done
folder etc/runlevels/default
link /etc/init.d/sshd etc/runlevels/default/sshd
folder etc/periodic/daily
printf '%s\n' '*/15	*	*	*	*	run-parts /etc/periodic/15min' '0	2	*	*	*	run-parts /etc/periodic/daily' |
	write etc/crontabs/root 600
printf '%s\n' '#PermitRootLogin prohibit-password' 'AuthorizedKeysFile	.ssh/authorized_keys' 'AllowTcpForwarding no' \
	'GatewayPorts no' 'X11Forwarding no' 'Subsystem	sftp	internal-sftp' | write etc/ssh/sshd_config
printf '%s\n' 'driftfile /var/lib/chrony/chrony.drift' 'rtcsync' | write etc/chrony/chrony.conf
printf '%s\n' '#!/usr/sbin/nft -f' 'flush ruleset' 'include "/etc/nftables.d/*.nft"' | write etc/nftables.nft 755
printf 'umask 022\nexport PATH=/usr/bin:/bin\n' | write etc/profile
printf 'net.ipv4.ip_forward = 0\n' | write etc/sysctl.conf
echo "root	ALL=(ALL) ALL" | write etc/sudoers 440
round $family
expect "sshd's settings stand in front of all others" sh -c "head -1 '$ROOT/etc/ssh/sshd_config' | grep -qx '# holdfast: begin'"
expect "its firewall's file" grep -qx 'include "/etc/holdfast/firewall.nft"' "$ROOT/etc/nftables.nft"
expect "the runlevel has the firewall" [ "$(readlink "$ROOT/etc/runlevels/default/nftables")" = /etc/init.d/nftables ]
expect "the runlevel has the clock" [ "$(readlink "$ROOT/etc/runlevels/default/chronyd")" = /etc/init.d/chronyd ]
expect "the clock has a source in the file that chronyd reads" grep -q "^pool pool.ntp.org" "$ROOT/etc/chrony/chrony.conf"
expect "updates each day, by apk" grep -q "apk upgrade" "$ROOT/etc/periodic/daily/holdfast-upgrade"
expect "and the runlevel has cron" [ -L "$ROOT/etc/runlevels/default/crond" ]
expect "nothing of systemd is made" [ ! -e "$ROOT/etc/systemd" ]
expect "nor of Debian" [ ! -e "$ROOT/etc/apt" ]
done_is fw-default-deny
done_is os-auto-updates
done_is time-sync
why log-persistent "there is no systemd"
back $family
finish
