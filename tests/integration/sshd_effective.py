#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our resolution of sshd_config against `sshd -T -C …` of the installed sshd, line by line.

Usage: sshd_effective.py SSHD_PRINT
Every configuration is asked for several connections. One that sshd refuses, we must refuse, at
the same line.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from tap import ok, plan, skip, skip_all

PRINT = os.path.abspath(sys.argv[1])
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin") or ""
CONNECTIONS = [
    None,
    "user=root,host=203.0.113.1,addr=203.0.113.1,laddr=192.0.2.1,lport=22",
    "user=daemon,host=build.example.com,addr=10.1.2.3,laddr=192.0.2.1,lport=2222",
    "user=nosuchuser,host=Mail.Example.ORG,addr=2001:db8::5,laddr=::1,lport=22",
    "user=nobody,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22",
]

# {dir} is the directory of the configuration; further files are in the second element.
CASES = {
    "empty": "",
    "debian": """
Include {dir}/conf.d/*.conf
KbdInteractiveAuthentication no
UsePAM yes
X11Forwarding yes
PrintMotd no
AcceptEnv LANG LC_*
Subsystem	sftp	/usr/lib/openssh/sftp-server
""",
    "first value wins": """
PermitRootLogin no
PermitRootLogin yes
PasswordAuthentication yes
passwordauthentication NO
PASSWORDAUTHENTICATION yes
""",
    "equals and quotes": """
PermitRootLogin=no
PasswordAuthentication = "no"
  MaxAuthTries\t=\t3
"X11Forwarding" yes
Banner "/etc/issue net"
AllowUsers "a b" c\\ d 'e"f' "g\\"h"
AcceptEnv "A B" C # comment
SetEnv X="a b" Y=c X=d
""",
    "comments": """
# PermitRootLogin yes
PermitRootLogin no # really
   #MaxSessions 4
MaxSessions 5 #
AllowGroups wheel# x #y
""",
    "lists add up": """
Port 22
Port 2222
AcceptEnv A B
AcceptEnv C
AllowUsers alice bob
AllowUsers carol@10.0.0.0/8 dave@*.example.org
DenyUsers mallory
AllowGroups a b
AllowGroups c
DenyGroups d
HostKey {dir}/key
HostKey {dir}/key2
Subsystem sftp internal-sftp -l INFO -f AUTH
Subsystem other /bin/other
""",
    "listen": """
Port 2200
ListenAddress 10.0.0.1
ListenAddress 10.0.0.2:2201
ListenAddress [2001:db8::1]:22
ListenAddress 2001:0db8:0::2
ListenAddress [::]
Port 2202
""",
    "listen on four": """
AddressFamily inet
Port 22
Port 23
""",
    "listen on six": """
AddressFamily inet6
""",
    "times": """
LoginGraceTime 1h30m
ClientAliveInterval 2m10
ClientAliveCountMax 0
RekeyLimit 1G 1h
""",
    "rekey": """
RekeyLimit default none
RekeyLimit 500M 30m
RekeyLimit 1K 1d
""",
    "rekey fraction": """
RekeyLimit 1.5M
Match User root
RekeyLimit 2G
Match Address 203.0.113.0/24
RekeyLimit 3G 1w2d3h4m5s
""",
    "words of one value": """
PermitRootLogin prohibit-password
AllowTcpForwarding all
AllowStreamLocalForwarding local
GatewayPorts clientspecified
Compression delayed
IgnoreRhosts shosts-only
PermitTunnel point-to-point
AddressFamily ANY
LogLevel debug1
SyslogFacility local3
FingerprintHash md5
FingerprintHash sha512
StreamLocalBindMask 77
StreamLocalBindMask 0
StreamLocalBindUnlink yes
""",
    "none": """
Banner none
PidFile NONE
ForceCommand none
ChrootDirectory None
TrustedUserCAKeys none
RevokedKeys none
AuthorizedPrincipalsFile none
VersionAddendum none
HostKeyAgent none
XAuthLocation none
""",
    "files": """
AuthorizedKeysFile %h/.ssh/authorized_keys /etc/ssh/keys/%u ~/x
AuthorizedKeysFile /other
TrustedUserCAKeys /etc/ssh/ca.pub
RevokedKeys /etc/ssh/revoked
ChrootDirectory %h
PidFile /run/other.pid
XAuthLocation /usr/X11/xauth
ModuliFile /etc/other-moduli
Banner ~/banner
""",
    "commands": """
AuthorizedKeysCommand /usr/bin/keys %u "%t" %k
AuthorizedKeysCommandUser nobody
ForceCommand /bin/echo "hello   world" # part of it
VersionAddendum some thing # not this
""",
    "principals command": """
AuthorizedPrincipalsCommand /usr/bin/one %u
AuthorizedPrincipalsCommand /usr/bin/two %u
AuthorizedPrincipalsCommandUser nobody
""",
    "principals behind keys command": """
AuthorizedKeysCommand none
AuthorizedPrincipalsCommand /usr/bin/one %u
AuthorizedPrincipalsCommandUser nobody
""",
    "algorithms": """
Ciphers aes256-ctr,aes128-ctr
MACs hmac-sha2-512,hmac-sha2-256
KexAlgorithms curve25519-sha256
HostKeyAlgorithms ssh-ed25519,rsa-sha2-512
PubkeyAcceptedAlgorithms ssh-ed25519
HostbasedAcceptedAlgorithms ssh-rsa,ecdsa-*
CASignatureAlgorithms ssh-ed25519,rsa-sha2-*
""",
    "algorithms added": """
Ciphers +3des-cbc,aes128-cbc
MACs +hmac-md5
KexAlgorithms +diffie-hellman-group1-sha1
HostKeyAlgorithms +ssh-rsa,ssh-dss
PubkeyAcceptedAlgorithms +ssh-rsa*
""",
    "algorithms removed": """
Ciphers -*-ctr
MACs -*sha1*,umac*
KexAlgorithms -sntrup*,ecdh*
HostKeyAlgorithms -*-cert-v01@openssh.com
PubkeyAcceptedAlgorithms -*
""",
    "algorithms first": """
Ciphers ^aes256-gcm@openssh.com
MACs ^hmac-sha2-512
KexAlgorithms ^diffie-hellman-group16-sha512,curve25519-sha256
HostKeyAlgorithms ^ssh-ed25519
CASignatureAlgorithms ^rsa-sha2-512
""",
    "algorithms in a block": """
PubkeyAcceptedAlgorithms ssh-ed25519
Match User root
	PubkeyAcceptedAlgorithms +ssh-rsa
Match Address 10.0.0.0/8
	HostbasedAcceptedAlgorithms -rsa*
	CASignatureAlgorithms ecdsa-sha2-nistp256
""",
    "old names": """
ChallengeResponseAuthentication no
PubkeyAcceptedKeyTypes +ssh-rsa
HostbasedAcceptedKeyTypes ssh-ed25519
Protocol 2
UsePrivilegeSeparation sandbox
ServerKeyBits 1024
KeyRegenerationInterval 3600
RSAAuthentication yes
UseLogin no
KeepAlive no
DSAAuthentication yes
HostDSAKey {dir}/key2
""",
    "skey": "SkeyAuthentication no\nKbdInteractiveAuthentication yes\n",
    "kerberos": """
KerberosAuthentication yes
KerberosOrLocalPasswd no
KerberosTicketCleanup no
KerberosGetAFSToken yes
GSSAPIAuthentication yes
GSSAPICleanupCredentials no
GSSAPIStrictAcceptorCheck no
""",
    "gss key exchange": """
GSSAPIKeyExchange yes
GSSAPIStoreCredentialsOnRekey yes
GSSAPIKexAlgorithms gss-group14-sha256-,gss-nistp256-sha256-
""",
    "match user": """
PasswordAuthentication no
Match User root,da*
	PasswordAuthentication yes
	X11Forwarding yes
Match User root
	PasswordAuthentication no
	MaxAuthTries 1
""",
    "match negated": """
Match User *,!root
	PermitTTY no
Match Address *,!10.0.0.0/8
	AllowTcpForwarding no
Match User !nobody
	X11Forwarding yes
""",
    "match group": """
Match Group root
	PermitTunnel yes
Match Group nogroup,daemon
	PermitTunnel ethernet
Match Group *,!root
	MaxSessions 1
""",
    "match host": """
Match Host *.example.com
	Banner /com
Match Host *.EXAMPLE.org
	Banner /org
Match Host local*,!localhost
	Banner /local
""",
    "match address": """
Match Address 10.0.0.0/8,2001:db8::/32
	PasswordAuthentication no
Match Address 127.0.0.1
	PermitRootLogin yes
Match Address 203.0.113.*
	PermitRootLogin no
Match Address 0.0.0.0/0
	MaxAuthTries 2
Match Address ::/0
	MaxAuthTries 4
""",
    "match local": """
Port 22
Port 2222
Match LocalPort 2222
	PasswordAuthentication no
Match LocalAddress 127.0.0.0/8,::1
	PermitEmptyPasswords yes
Match LocalPort 22 LocalAddress 192.0.2.1
	GatewayPorts yes
""",
    "match rdomain": """
Match RDomain blue
	PermitTTY no
""",
    "match several": """
Match User root Address 203.0.113.0/24 LocalPort 22
	AuthenticationMethods publickey
	PermitRootLogin forced-commands-only
Match User=nobody Host=localhost
	ForceCommand internal-sftp
	ChrootDirectory /srv/%u
Match user "daemon" address "10.1.2.3" # comment
	PermitOpen 10.0.0.1:80 [2001:db8::1]:443 *:22
	PermitListen 8080 localhost:*
""",
    "match all": """
PasswordAuthentication yes
Match User root
	MaxSessions 3
Match all
	PasswordAuthentication no
	MaxSessions 7
	X11Forwarding yes
	Port 2022
	PrintMotd no
""",
    "match all before": """
Match all
X11Forwarding no
Match User root
X11Forwarding yes
PermitOpen none
Match User root,daemon
PermitOpen any
PermitListen none
""",
    "blocks of one user": """
AllowUsers everyone
AcceptEnv G
Match User root
	AllowUsers one two
	AcceptEnv A
	SetEnv A=1 B=2
	IPQoS af11
Match Address 203.0.113.0/24
	AllowUsers three
	AcceptEnv B
	SetEnv C=3
	IPQoS cs1 ef
	LogLevel DEBUG3
Match User daemon
	AuthorizedKeysFile none
	ClientAliveInterval 1m
	StreamLocalBindMask 0022
	UnusedConnectionTimeout none
	ChannelTimeout session=5m x11=10s
""",
    "limits": """
MaxStartups 5
PerSourceMaxStartups 3
PerSourceMaxStartups none
PerSourceNetBlockSize 24:64
MaxAuthTries 4
MaxSessions 2
RequiredRSASize 3072
""",
    "startups": "MaxStartups 10:30:60\nMaxStartups 20:40:80\n",
    "authentication methods": """
AuthenticationMethods publickey,password publickey,keyboard-interactive:pam
Match User root
	AuthenticationMethods publickey
""",
    "user environment": "PermitUserEnvironment LANG,LC_*\n",
    "user environment yes": "PermitUserEnvironment yes\nPermitUserEnvironment no\n",
    "pubkey options": "PubkeyAuthOptions verify-required touch-required\n",
    "channels": """
ChannelTimeout session:*=15m agent-connection=1h
UnusedConnectionTimeout 90
LogVerbose kex.c:*:1000 packet.c:*
ExposeAuthInfo yes
DisableForwarding yes
""",
    "channels none": "ChannelTimeout none\nUnusedConnectionTimeout 0\nLogVerbose none\n",
    "qos": "IPQoS 16\nIPQoS lowdelay 8\nIPQoS af41 68\n",
    "include twice": """
Include {dir}/one.conf {dir}/two.conf
PermitRootLogin yes
""",
    "include ends a block": """
Include {dir}/block.conf
PasswordAuthentication no
""",
    "include in a block": """
PasswordAuthentication yes
Match User root
	Include {dir}/inner.conf
	MaxSessions 9
Match User daemon
	Include {dir}/inner.conf
""",
    "include nested": "Include {dir}/n1.conf\nMaxSessions 20\n",
    "include missing": "Include {dir}/nothing/*.conf\nMaxSessions 2\n",
    "include match in match": """
Match Address 203.0.113.0/24
	Include {dir}/match-root.conf
	X11Forwarding yes
Match User daemon
	Include {dir}/match-all.conf
""",
    "include after a block": """
Match User nobody
	MaxSessions 1
Include {dir}/match-all.conf
Match all
Include {dir}/match-root.conf
""",
    "blanks": "\f\n\t \nPermitRootLogin\tno  \t\f\r\n   MaxSessions   3\r\n",
    "no line feed at the end": "MaxSessions 3\nPermitRootLogin no",
    # What sshd refuses.
    "bad keyword": "PermitRootLogins no\n",
    "bad value": "MaxSessions 3\nPermitRootLogin perhaps\n",
    "bad value in a block": "Match User nobody\nPermitRootLogin perhaps\n",
    "bad number": "MaxAuthTries many\n",
    "bad negative number": "MaxAuthTries -1\n",
    "bad time": "LoginGraceTime 3x\n",
    "bad port": "Port 99999\n",
    "bad cipher": "Ciphers aes256-ctr,rot13\n",
    "bad kex": "KexAlgorithms none\n",
    "bad mac": "MACs hmac-*\n",
    "bad key type": "HostKeyAlgorithms nothing-like-it\n",
    "bad quotes": 'Banner "/etc/issue\n',
    "bad extra words": "PermitRootLogin no yes\n",
    "bad no argument": "MaxSessions 2\nPermitRootLogin\n",
    "bad global keyword in a block": "Match User root\nPort 22\n",
    "bad criterion": "Match Moon full\n",
    "bad criterion without value": "Match User\n",
    "bad all and more": "Match all User root\n",
    "bad address": "Match Address 10.0.0.1/8\n",
    "bad masks": "Match Address 10.0.0.0/33\n",
    "bad environment": "AcceptEnv A=B\n",
    "bad set environment": "SetEnv AB\n",
    "bad subsystem": "Subsystem sftp /a\nSubsystem sftp /b\n",
    "bad methods": "AuthenticationMethods publickey,magic\n",
    "bad methods any": "AuthenticationMethods any publickey\n",
    "bad methods in block": "AuthenticationMethods publickey\nMatch User root\nAuthenticationMethods any\n",
    "bad methods disabled": "PubkeyAuthentication no\nAuthenticationMethods publickey\n",
    "bad keys command": "AuthorizedKeysCommand /bin/x\n",
    "bad relative command": "AuthorizedKeysCommand bin/x\n",
    "bad permitopen": "PermitOpen host\n",
    "bad permitopen port": "PermitOpen host:none\n",
    "bad startups": "MaxStartups 10:30\n",
    "bad startups zero": "MaxStartups 0\n",
    "bad rekey": "RekeyLimit 1Q\n",
    "bad rekey small": "RekeyLimit 3\n",
    "bad listen": "ListenAddress [::1\n",
    "bad family": "AddressFamily inet\nListenAddress ::1\n",
    "bad user pattern": "AllowUsers a@10.0.0.1/8\n",
    "bad mask": "StreamLocalBindMask 999\n",
    "bad qos": "IPQoS fast\n",
    "bad log level": "LogLevel loud\n",
    "bad rekey words": "RekeyLimit 1G 1h more\n",
    "bad include loop": "Include {dir}/loop.conf\n",
    "bad included line": "\n\nInclude {dir}/broken.conf\n",
    "bad channel": "ChannelTimeout none session=1m\n",
    "bad rdomain": "RDomain blue\n",
}
FILES = {
    "conf.d/10-root.conf": "PermitRootLogin no\n",
    "conf.d/20-password.conf": "PasswordAuthentication no\nKbdInteractiveAuthentication yes\n",
    "conf.d/30-block.conf": "Match User root\nPasswordAuthentication yes\n",
    "one.conf": "PermitRootLogin no\nAcceptEnv ONE\n",
    "two.conf": "PermitRootLogin forced-commands-only\nAcceptEnv TWO\n",
    "block.conf": "Match User root\nPasswordAuthentication yes\nMaxSessions 1\n",
    "inner.conf": "PasswordAuthentication no\nMatch Address 203.0.113.0/24,10.0.0.0/8\nX11Forwarding yes\nMaxSessions 3\n",
    "n1.conf": "Include {dir}/n2.conf\nMaxSessions 11\n",
    "n2.conf": "Include {dir}/n3.conf\nMatch User root\nInclude {dir}/n4.conf\n",
    "n3.conf": "MaxAuthTries 5\n",
    "n4.conf": "MaxSessions 12\nMatch all\nX11Forwarding yes\n",
    "match-root.conf": "PermitTTY no\nMatch User root\nMaxSessions 4\nMatch all\nGatewayPorts yes\n",
    "match-all.conf": "Match all\nPermitTunnel yes\n",
    "loop.conf": "MaxSessions 3\nInclude {dir}/loop.conf\n",
    "broken.conf": "MaxSessions 3\n\nMaxSessions x\n",
}
# Keywords that some sshd know and others do not: the case is left out where sshd refuses them.
NEWER = {
    "pubkey options": (8, 2), "channels": (9, 2), "channels none": (9, 2), "limits": (9, 1),
    "blocks of one user": (9, 2), "equals and quotes": (8, 7), "comments": (8, 7),
    "bad channel": (9, 2), "old names": (8, 7), "match several": (8, 7),
    "algorithms": (8, 5), "algorithms added": (8, 5), "algorithms removed": (8, 5), "algorithms in a block": (8, 5),
}


def run(command):
    p = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    return p.returncode, p.stdout, p.stderr


def by_keyword(text):
    """Lines, those of one keyword in their order."""
    lines = [line.rstrip() for line in text.splitlines()]
    return sorted(lines, key=lambda line: line.split(" ", 1)[0])


def compare(name, path, connection):
    spec = ["-C", connection] if connection else []
    code, want, err = run([SSHD, "-T", "-f", path] + spec)
    mine, got, my_err = run([PRINT, path] + ([connection] if connection else []))
    label = f"{name}: {connection or 'no connection'}"
    if "not in connection test specification" in err:
        skip(label, "sshd does not answer without lport=")
        return True
    if code != 0:
        found = re.search(r"(\S+?):? line (\d+):? ", err)
        expected = f"{found.group(1).rstrip(':')}:{found.group(2)}:" if found else ""
        ok(mine == 1 and my_err.startswith(expected), label + ": refused",
           f"sshd: {err.strip()}", f"ours: {my_err.strip()} (exit code {mine})")
        return False
    a, b = by_keyword(want), by_keyword(got)
    ok(mine == 0 and a == b, label,
       [f"sshd: {x}" for x in a if x not in b] + [f"ours: {x}" for x in b if x not in a] +
       [f"exit code {mine} {my_err.strip()}"])
    return True


def make_keys(folder):
    for name, kind in (("key", "ed25519"), ("key2", "ecdsa")):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", f"{folder}/{name}"],
                       check=True)


def version():
    text = "".join(run([SSHD, "-V"])[1:])
    found = re.search(r"OpenSSH_(\d+)\.(\d+)", text)
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def main():
    if not SSHD or not shutil.which("ssh-keygen"):
        skip_all("sshd is not installed (package openssh-server)")
    if os.getuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        make_keys(folder)
        for name, text in FILES.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as f:
                f.write(text.replace("{dir}", folder))
        for name, text in CASES.items():
            if version() < NEWER.get(name, (0, 0)):
                skip(name, "newer than this sshd")
                continue
            path = os.path.join(folder, "sshd_config")
            text = text.replace("{dir}", folder)
            # A key that exists, or sshd does not get as far as printing anything.
            if "HostKey " not in text and "HostDSAKey" not in text:
                text = text + ("" if text.endswith("\n") or not text else "\n")
                text = f"HostKey {folder}/key\n{text}"
            with open(path, "w", encoding="ascii", newline="") as f:
                f.write(text)
            for connection in CONNECTIONS:
                if not compare(name, path, connection):
                    break
    sys.exit(plan())


if __name__ == "__main__":
    main()
