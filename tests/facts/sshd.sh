#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sshd_info, sshd_config, sshd_effective, ssh_access, ssh_host_keys
. ./lib.sh

problems() { # table name
	query "SELECT path, reason FROM collector_problems WHERE name='$1' ORDER BY path, reason" "$2"
}

accounts() {
	write bin/bash 755 </dev/null
	write usr/sbin/nologin 755 </dev/null
	write etc/passwd <<'E'
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
ann:x:1000:1000:Ann:/home/ann:/bin/bash
bob:x:1001:1001:Bob:/home/bob:/bin/bash
git:x:1002:1002:Git:/srv/git:/usr/sbin/nologin
gone:x:1003:1003:Gone:/home/gone:/bin/absent
E
	write etc/shadow 640 <<'E'
root:$y$j9T$a$b:19000:0:99999:7:::
daemon:*:19000:0:99999:7:::
ann:$y$j9T$a$b:19000:0:99999:7:::
bob::19000:0:99999:7:::
git:!:19000:0:99999:7:::
gone:$y$j9T$a$b:19000:0:99999:7:::
E
	write etc/group <<'E'
root:x:0:
daemon:x:1:
sftp:x:50:git,bob
ann:x:1000:
bob:x:1001:
git:x:1002:
gone:x:1003:
E
}

# The text that tells the version stands in the program.
program() {
	mkdir -p "$ROOT/usr/sbin"
	{
		printf 'ELF\0OpenSSH_%s\0' "$1"
		shift
		for word; do printf '%s\0' "$word"; done
	} >"$ROOT/usr/sbin/sshd"
}
debian_program() {
	program "9.2p1 Debian-2+deb12u3" libpam.so.0 libkrb5.so.3 libgssapi_krb5.so.2 \
		gssapikeyexchange debianbanner sk-ssh-ed25519@openssh.com
}

key='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ'

tree debian
accounts
debian_program
link /lib/systemd/system/ssh.service etc/systemd/system/multi-user.target.wants/ssh.service
write lib/systemd/system/ssh.service <<'E'
[Service]
EnvironmentFile=-/etc/default/ssh
ExecStart=/usr/sbin/sshd -D $SSHD_OPTS
E
write etc/default/ssh <<'E'
# comment
SSHD_OPTS="-o MaxAuthTries=2 -p 2222"
E
write etc/ssh/sshd_config <<'E'
Include /etc/ssh/sshd_config.d/*.conf
Port 22
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
Subsystem sftp /usr/lib/openssh/sftp-server
Match Group sftp
	ForceCommand internal-sftp
	AllowTcpForwarding no
Match User ann Address 10.0.0.0/8,192.168.1.0/24
	PasswordAuthentication yes
Match LocalPort 2222 User bob
	PermitEmptyPasswords yes
	PasswordAuthentication yes
E
write etc/ssh/sshd_config.d/10-site.conf <<'E'
PermitRootLogin prohibit-password
DenyUsers mallory daemon
StrictModes no
E
write home/ann/.ssh/authorized_keys 644 <<E
$key ann@laptop
E

query "SELECT installed, version, version_source, config_file, enabled, ports, start_options, error FROM sshd_info" <<'E'
1|9.2p1|banner|/etc/ssh/sshd_config|1|2222|-o MaxAuthTries=2 -p 2222|
E
query "SELECT keyword, value, origin, file, line FROM sshd_config WHERE match_block = ''
	AND keyword IN ('port','permitrootlogin','passwordauthentication','maxauthtries','x11forwarding') ORDER BY 1" "global values" <<'E'
maxauthtries|2|file|/etc/default/ssh|2
passwordauthentication|no|file|/etc/ssh/sshd_config|4
permitrootlogin|without-password|file|/etc/ssh/sshd_config.d/10-site.conf|1
port|2222|file|/etc/default/ssh|2
x11forwarding|no|default||0
E
query "SELECT keyword, value, match_block, line FROM sshd_config WHERE match_block <> ''" <<'E'
forcecommand|internal-sftp|group sftp|9
allowtcpforwarding|no|group sftp|10
passwordauthentication|yes|user ann address 10.0.0.0/8,192.168.1.0/24|12
permitemptypasswords|yes|localport 2222 user bob|14
passwordauthentication|yes|localport 2222 user bob|15
E
query "SELECT username, address, value, match_block, local FROM sshd_effective WHERE keyword='passwordauthentication' ORDER BY 1,2,5" <<'E'
*|127.0.0.1|no||
*|203.0.113.1|no||
ann|10.0.0.1|yes|user ann address 10.0.0.0/8,192.168.1.0/24|
ann|127.0.0.1|no||
ann|192.168.1.1|yes|user ann address 10.0.0.0/8,192.168.1.0/24|
ann|203.0.113.1|no||
bob|127.0.0.1|yes|localport 2222 user bob|
bob|203.0.113.1|yes|localport 2222 user bob|
git|127.0.0.1|no||
git|203.0.113.1|no||
root|127.0.0.1|no||
root|203.0.113.1|no||
E
query "SELECT username, allowed, password, kbdint, publickey, shell_access, tunnel_access, deciding FROM ssh_access ORDER BY uid" <<'E'
root|1|0|0|0|1|1|
daemon|0|0|0|0|0|0|/etc/ssh/sshd_config.d/10-site.conf:2
ann|1|0|0|1|1|1|default pubkeyauthentication yes
bob|1|1|0|0|0|0|/etc/ssh/sshd_config:15
git|1|0|0|0|0|0|
gone|0|0|0|0|0|0|/etc/passwd:6
E
problems sshd_config "no problems" </dev/null

tree redhat
accounts
program 8.7p1 libpam.so.0 libkrb5.so.3 libgssapi_krb5.so.2 gssapikeyexchange gssapienablek5users
write usr/lib/os-release <<'E'
ID="rhel"
E
write etc/ssh/sshd_config 600 <<'E'
Include /etc/ssh/sshd_config.d/*.conf
AuthorizedKeysFile .ssh/authorized_keys
Subsystem sftp /usr/libexec/openssh/sftp-server
RSAMinSize 2048
E
write etc/ssh/sshd_config.d/50-redhat.conf 600 <<'E'
Include /etc/crypto-policies/back-ends/opensshserver.config
SyslogFacility AUTHPRIV
ChallengeResponseAuthentication no
GSSAPIAuthentication yes
UsePAM yes
X11Forwarding yes
E
write etc/crypto-policies/back-ends/opensshserver.config <<'E'
Ciphers aes256-gcm@openssh.com,aes256-ctr
E
query "SELECT keyword, value, file FROM sshd_config WHERE keyword IN ('ciphers','gssapiauthentication','requiredrsasize','kbdinteractiveauthentication') ORDER BY 1" <<'E'
ciphers|aes256-gcm@openssh.com,aes256-ctr|/etc/crypto-policies/back-ends/opensshserver.config
gssapiauthentication|yes|/etc/ssh/sshd_config.d/50-redhat.conf
kbdinteractiveauthentication|no|/etc/ssh/sshd_config.d/50-redhat.conf
requiredrsasize|2048|/etc/ssh/sshd_config
E
query "SELECT version, error FROM sshd_info" "Red Hat's RSAMinSize is known" <<'E'
8.7p1|
E

tree alpine
accounts
write etc/os-release <<'E'
ID=alpine
E
write lib/apk/db/installed <<'E'
P:busybox
V:1.36.1-r5

P:openssh-server
V:9.6_p1-r0

E
write etc/ssh/sshd_config <<'E'
UsePAM yes
PermitRootLogin yes
E
link /etc/init.d/sshd etc/runlevels/default/sshd
write etc/conf.d/sshd <<'E'
SSHD_OPTS="-f /etc/ssh/other"
E
write etc/ssh/other <<'E'
UsePAM yes
PermitRootLogin no
E
query "SELECT installed, version, version_source, config_file, enabled FROM sshd_info" <<'E'
1|9.6p1|package|/etc/ssh/other|1
E
query "SELECT keyword, value FROM sshd_config WHERE keyword IN ('usepam','permitrootlogin')" "without PAM UsePAM is nothing" <<'E'
permitrootlogin|no
E
query "SELECT username, allowed, kbdint FROM ssh_access WHERE username IN ('git','root')" "locked accounts are refused without PAM" <<'E'
root|0|0
git|0|0
E

tree old
accounts
program "7.4p1" libpam.so.0 gssapienablek5users
write usr/lib/os-release <<'E'
ID="rhel"
E
write etc/ssh/sshd_config <<'E'
UsePAM yes # comment "x
ChallengeResponseAuthentication no
PubkeyAcceptedKeyTypes ssh-rsa
E
query "SELECT keyword, value, origin FROM sshd_config WHERE keyword IN ('usepam','permitrootlogin','usedns','kbdinteractiveauthentication','pubkeyacceptedalgorithms','useprivilegeseparation') ORDER BY 1" "defaults of Red Hat's 7.4" <<'E'
kbdinteractiveauthentication|no|default
permitrootlogin|yes|default
pubkeyacceptedalgorithms|ssh-rsa|file
usedns|yes|default
usepam|yes|file
useprivilegeseparation|sandbox|default
E

tree missing
accounts
debian_program
query "SELECT installed, version FROM sshd_info" "no configuration" <<'E'
1|9.2p1
E
problems sshd_config "a missing configuration is a problem" <<'E'
/etc/ssh/sshd_config|sshd is installed, but its configuration is missing
E
query "SELECT count(*) > 80 FROM sshd_config WHERE origin = 'default'" "its defaults hold" <<'E'
1
E

tree package
accounts
write var/lib/dpkg/status <<'E'
Package: openssh-client
Status: install ok installed
Version: 1:9.2p1-2

Package: openssh-server
Status: install ok installed
Version: 1:8.4p1-5+deb11u3

E
problems sshd_effective "the package alone says that something is missing" <<'E'
/etc/ssh/sshd_config|sshd is installed, but its configuration is missing
E
query "SELECT version, version_source FROM sshd_info" "version of the package" <<'E'
8.4p1|package
E

tree nothing
accounts
query "SELECT (SELECT count(*) FROM sshd_info) + (SELECT count(*) FROM sshd_config) + (SELECT count(*) FROM ssh_access)" "no sshd, no rows" <<'E'
0
E
query "SELECT count(*) FROM collector_problems WHERE name LIKE 'ssh%'" "and no problems" <<'E'
0
E

tree refused
accounts
debian_program
write etc/ssh/sshd_config <<'E'
PermitRootLogin no

PermitRootlogins yes
Match User x
	Port 23
E
query "SELECT error FROM sshd_info" <<'E'
/etc/ssh/sshd_config:3: bad configuration option: PermitRootlogins
E
problems sshd_effective "what sshd refuses is a problem" <<'E'
/etc/ssh/sshd_config|line 3: sshd refuses this: bad configuration option: PermitRootlogins
/etc/ssh/sshd_config|line 5: sshd refuses this: directive 'port' is not allowed within a Match block
E

tree bad
accounts
debian_program
mkdir -p "$ROOT/etc/ssh/sshd_config.d/25-folder.conf"
mkfifo "$ROOT/etc/ssh/sshd_config.d/20-fifo.conf"
link /etc/ssh/sshd_config.d/30-loop.conf etc/ssh/sshd_config.d/30-loop.conf
link /nowhere etc/ssh/sshd_config.d/40-dangling.conf
printf 'MaxSessions 3\0\nMaxAuthTries 4\n' | write etc/ssh/sshd_config.d/10-nul.conf
write etc/ssh/sshd_config <<'E'
Include /etc/ssh/sshd_config.d/*.conf
Include /etc/ssh/sshd_config
E
problems sshd_config "bad included files" <<'E'
/etc/ssh/sshd_config|line 1: sshd refuses this: too many recursive configuration includes
/etc/ssh/sshd_config|line 2: sshd refuses this: too many recursive configuration includes
/etc/ssh/sshd_config.d/10-nul.conf|contains NUL bytes: this is no text
/etc/ssh/sshd_config.d/10-nul.conf|line 1: sshd refuses this: maxsessions: not a number that fits: '3MaxAuthTries'
/etc/ssh/sshd_config.d/20-fifo.conf|not a regular file
/etc/ssh/sshd_config.d/25-folder.conf|not a regular file
/etc/ssh/sshd_config.d/30-loop.conf|symbolic links loop
/etc/ssh/sshd_config.d/40-dangling.conf|symbolic link to nothing
E

tree fifo
accounts
debian_program
mkdir -p "$ROOT/etc/ssh"
mkfifo "$ROOT/etc/ssh/sshd_config"
problems ssh_access "a FIFO for a configuration" <<'E'
/etc/ssh/sshd_config|not a regular file
E

tree many
accounts
debian_program
awk 'BEGIN { print "PasswordAuthentication no"
	for (i = 0; i < 10000; i++)
		printf "Match User u%d Address 10.%d.%d.0/24\n\tPasswordAuthentication yes\n", i, i / 250, i % 250
	print "Match User root\n\tPasswordAuthentication yes" }' | write etc/ssh/sshd_config
query "SELECT count(*) FROM sshd_config WHERE match_block <> ''" "10,000 Match blocks" <<'E'
10001
E
query "SELECT address, value, line FROM sshd_effective WHERE username='root' AND keyword='passwordauthentication'" "the last of them" <<'E'
203.0.113.1|yes|20003
127.0.0.1|yes|20003
E
query "SELECT count(*) FROM collector_problems WHERE name = 'sshd_effective' AND reason LIKE '%more than 48 kinds of connections%'" "what was not looked at is told" <<'E'
1
E

tree people
write bin/bash 755 </dev/null
debian_program
awk 'BEGIN { print "root:x:0:0::/root:/bin/bash"
	for (i = 0; i < 3000; i++) printf "u%d:x:%d:100::/home/u%d:/bin/bash\n", i, 1000 + i, i }' | write etc/passwd
echo users:x:100: | write etc/group
echo 'root:*:1::::::' | write etc/shadow
write etc/ssh/sshd_config <<'E'
UsePAM yes
Match User u2999
	PasswordAuthentication no
E
query "SELECT count(DISTINCT username), max(username = 'u2999') FROM sshd_effective" "1,000 accounts in full, then those that differ" <<'E'
1002|1
E
query "SELECT count(*) FROM ssh_access" <<'E'
3001
E
problems sshd_effective "and says so" <<'E'
/etc/passwd|2001 more accounts can log in; they are listed only where they differ from '*'
E

finish
