#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# authorized_keys, ssh_host_keys, private_keys, home_files, hosts_access
. ./lib.sh

problems() { # table name
	query "SELECT path, reason FROM collector_problems WHERE name='$1' ORDER BY path, reason" "$2"
}

ed='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ'

accounts() {
	write bin/bash 755 </dev/null
	write etc/passwd <<'E'
root:x:0:0:root:/root:/bin/bash
bin:x:2:2:bin:/bin:/usr/sbin/nologin
ann:x:1000:1000:Ann:/home/ann:/bin/bash
bob:x:1001:1001:Bob:/home/bob:/bin/bash
E
	write etc/group <<'E'
root:x:0:
ann:x:1000:
E
}

tree keys
accounts
write root/.ssh/authorized_keys 600 <<E
# the owner's
$ed owner@laptop
  from="10.0.0.0/8,!10.1.0.0/16",command="echo \"a b\"",no-pty $ed  with options

cert-authority ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC0YKBvgxQ3fZvNqVpJsWRZ004S0uq/wsvuIGrseDV1ILgA543edbqlUYRyEAibz1MI43icy2PpjeILyqnPZMwZ2ZjvAw/BD2z/WucUuWAeo/wYgy3fEo1y366g1beSiM7edFpK2CuY7FJDApwKW7ngkGjZmYND+TxBhV1kisJaRw== ca
ssh-ed25519 AAAA broken
something else
E
write home/ann/.ssh/authorized_keys2 664 <<E
sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIEtgcbHrVx4pdHg0OlGcBnwTRe1UxQUIOlMxVwQ1ZuLzAAAABHNzaDo= token
E
query "SELECT username, uid, key_type, bits, fingerprint, comment, options, from_limited, cert_authority, file, line, file_mode FROM authorized_keys ORDER BY file, line" <<'E'
ann|1000|sk-ssh-ed25519@openssh.com|256|SHA256:bNVgUahLU/iPbd848cv4+hQQnkq71CF9XVhTewTQQN4|token||0|0|/home/ann/.ssh/authorized_keys2|1|436
root|0|ssh-ed25519|256|SHA256:T7SvZ2cslqpPj6nKzitCBHHlpVF3r3MvLwmFL0fk0IE|owner@laptop||0|0|/root/.ssh/authorized_keys|2|384
root|0|ssh-ed25519|256|SHA256:T7SvZ2cslqpPj6nKzitCBHHlpVF3r3MvLwmFL0fk0IE|with options|from="10.0.0.0/8,!10.1.0.0/16",command="echo \"a b\"",no-pty|1|0|/root/.ssh/authorized_keys|3|384
root|0|ssh-rsa|1024|SHA256:uPDd+OrBYU+Y5r20r3lhcXJb8U9v2M5yXoRUPTW0lXI|ca|cert-authority|0|1|/root/.ssh/authorized_keys|5|384
E
problems authorized_keys "nothing to complain about" </dev/null

write etc/ssh/sshd_config <<'E'
AuthorizedKeysFile /etc/ssh/keys/%u %h/.keys/%U%%
Match User bob
	AuthorizedKeysFile none
E
write etc/ssh/keys/ann <<E
$ed a
E
write etc/ssh/keys/bob <<E
$ed b
E
write home/ann/.keys/1000% <<E
$ed c
E
query "SELECT username, file, comment FROM authorized_keys ORDER BY 2" "AuthorizedKeysFile of the account, with tokens" <<'E'
ann|/etc/ssh/keys/ann|a
ann|/home/ann/.keys/1000%|c
E

tree badkeys
accounts
mkdir -p "$ROOT/root/.ssh" "$ROOT/home/ann/.ssh" "$ROOT/home/bob"
mkfifo "$ROOT/root/.ssh/authorized_keys"
link /home/bob/.ssh home/bob/.ssh
head -c 5000000 /dev/zero | tr '\0' 'x' >"$ROOT/home/ann/.ssh/authorized_keys"
query "SELECT count(*) FROM authorized_keys" "no keys in bad files" <<'E'
0
E
problems authorized_keys "bad files are problems" <<'E'
/home/ann/.ssh/authorized_keys|larger than a list of keys can be
/home/bob/.ssh|keys in it are not known: Too many levels of symbolic links
/home/bob/.ssh/authorized_keys|Too many levels of symbolic links
/home/bob/.ssh/authorized_keys2|Too many levels of symbolic links
/root/.ssh/authorized_keys|not a regular file
E

tree hosts
accounts
write etc/ssh/ssh_host_ed25519_key.pub <<E
$ed root@host
E
write etc/ssh/ssh_host_rsa_key.pub <<'E'
nonsense
E
query "SELECT path, key_type, bits, fingerprint FROM ssh_host_keys" <<'E'
/etc/ssh/ssh_host_ed25519_key.pub|ssh-ed25519|256|SHA256:T7SvZ2cslqpPj6nKzitCBHHlpVF3r3MvLwmFL0fk0IE
E
problems ssh_host_keys "a host key that is none" <<'E'
/etc/ssh/ssh_host_rsa_key.pub|holds no public key
E

tree private
accounts
# openssh-key-v1, cipher "none" and "aes256-ctr"
write etc/ssh/ssh_host_ed25519_key 600 0:0 <<'E'
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
-----END OPENSSH PRIVATE KEY-----
E
write home/ann/.ssh/id_ed25519 644 <<'E'
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABBsHW7Xmi
-----END OPENSSH PRIVATE KEY-----
E
write home/ann/.ssh/odd-name 600 <<'E'
-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,00
E
write home/ann/.ssh/id_ed25519.pub <<E
$ed ann
E
write root/server.pem 600 <<'E'
-----BEGIN CERTIFICATE-----
AAAA
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
E
write root/other.key 600 <<'E'
-----BEGIN ENCRYPTED PRIVATE KEY-----
E
write root/notes.txt <<'E'
-----BEGIN PRIVATE KEY-----
E
write root/x.ppk <<'E'
PuTTY-User-Key-File-2: ssh-rsa
Encryption: none
E
write root/ec.key <<'E'
-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
E
query "SELECT path, username, key_type, encrypted, mode, host_key FROM private_keys ORDER BY 1" <<'E'
/etc/ssh/ssh_host_ed25519_key||openssh|0|384|1
/home/ann/.ssh/id_ed25519|ann|openssh|1|420|0
/home/ann/.ssh/odd-name|ann|rsa|1|384|0
/root/ec.key|root|ec|0|420|0
/root/other.key|root|pkcs8|1|384|0
/root/server.pem|root|pkcs8|0|384|0
/root/x.ppk|root|putty|0|420|0
E

tree homes
accounts
folder root 700 0:0
folder home/ann 755 1000:1000
folder home/ann/.ssh 770 1000:1000
folder home/left 755 1234:1234
write home/ann/.rhosts 644 <<'E'
+ +
E
write home/ann/.netrc 600 </dev/null
link /dev/null home/ann/.bash_history
write home/ann/.bashrc 666 1000:1000 <<'E'
x
E
write home/ann/.config 644 </dev/null
write home/ann/visible </dev/null
query "SELECT username, path, kind, mode, type, target, size FROM home_files WHERE path NOT LIKE '/home/left%' AND type <> 'directory' ORDER BY 2" <<'E'
ann|/home/ann/.bash_history|history|511|symlink|/dev/null|9
ann|/home/ann/.bashrc|profile|438|regular||2
ann|/home/ann/.config|other_dotfile|420|regular||0
ann|/home/ann/.netrc|netrc|384|regular||0
ann|/home/ann/.rhosts|rhosts|420|regular||4
E
query "SELECT username, path, kind, mode, CASE username WHEN '' THEN '' ELSE expected_uid END FROM home_files WHERE type = 'directory' ORDER BY 2" <<'E'
ann|/home/ann|home|493|1000
ann|/home/ann/.ssh|ssh_dir|504|1000
|/home/left|home|493|
root|/root|home|448|0
E

tree wrappers
accounts
write etc/hosts.allow <<'E'
# comment
sshd : 10.0.0.0/255.0.0.0 [2001:db8::]/32 : ALLOW
vsftpd: LOCAL, \
	.example.com EXCEPT bad.example.com
in.telnetd: ALL: spawn (echo %c >>/x\:y) : DENY
no colon here
E
write etc/hosts.deny <<'E'
ALL: ALL
E
query "SELECT kind, daemons, replace(clients, char(9), ' '), file, line FROM hosts_access" <<'E'
allow|sshd|10.0.0.0/255.0.0.0 [2001:db8::]/32|/etc/hosts.allow|2
allow|vsftpd|LOCAL,  .example.com EXCEPT bad.example.com|/etc/hosts.allow|3
deny|in.telnetd|ALL|/etc/hosts.allow|5
deny|ALL|ALL|/etc/hosts.deny|1
E
problems hosts_access "what is no rule" <<'E'
/etc/hosts.allow|line 6: no rule of hosts_access(5)
E

finish
