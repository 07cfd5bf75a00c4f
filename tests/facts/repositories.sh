#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# package_repositories, apt_config
. ./lib.sh

problems() {
	query "SELECT path, reason FROM collector_problems WHERE name = '$1' ORDER BY path" "$2"
}

tree debian
write etc/apt/sources.list <<'E'
# deb cdrom:[Debian GNU/Linux 12]/ bookworm main
# deb lines follow
deb http://deb.debian.org/debian bookworm main contrib # comment
deb-src http://deb.debian.org/debian bookworm main
deb http://security.debian.org/debian-security bookworm-security main
deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.gpg] https://download.docker.com/linux/debian bookworm stable
deb [ trusted=yes ] http://packages.example/debian ./
deb https://user:secret@mirror.example/debian bookworm main
deb https://mirror.example/php/ bookworm main
E
write etc/apt/sources.list.d/cloud.sources <<'E'
# written by cloud-init
Types: deb deb-src
URIs: mirror+file:///etc/apt/mirrors/debian.list
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF

Types: deb
URIs: http://mirror.example/x http://mirror.example/y
Suites: stable
Components: main
Enabled: no
Allow-Insecure: yes
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
E
write etc/apt/mirrors/debian.list <<'E'
https://deb.debian.org/debian	priority:1
E
write etc/apt/sources.list.d/ignored.list.save <<'E'
deb http://ignored.example/ x y
E
query "SELECT uri, suite, components, enabled, verified, signed_by, security, third_party,
	encrypted, line FROM package_repositories ORDER BY file, line, uri, suite" <<'E'
cdrom:[Debian GNU/Linux 12]/|bookworm|main|0|1||0|0|0|1
http://deb.debian.org/debian|bookworm|main contrib|1|1||0|0|0|3
http://security.debian.org/debian-security|bookworm-security|main|1|1||1|0|0|5
https://download.docker.com/linux/debian|bookworm|stable|1|1|/etc/apt/keyrings/docker.gpg|0|1|1|6
http://packages.example/debian|./||1|0||0|1|0|7
https://mirror.example/debian|bookworm|main|1|1||0|0|1|8
https://mirror.example/php/|bookworm|main|1|1||0|1|1|9
https://deb.debian.org/debian|bookworm|main|1|1|(key in the file)|0|0|1|2
https://deb.debian.org/debian|bookworm-updates|main|1|1|(key in the file)|0|0|1|2
http://mirror.example/x|stable|main|0|0|/usr/share/keyrings/debian-archive-keyring.gpg|0|0|0|11
http://mirror.example/y|stable|main|0|0|/usr/share/keyrings/debian-archive-keyring.gpg|0|0|0|11
E
write etc/apt/apt.conf.d/99insecure <<'E'
Acquire::AllowInsecureRepositories "true";
E
query "SELECT count(*) FROM package_repositories WHERE verified" "APT takes all" <<'E'
0
E

tree bad
write etc/apt/sources.list <<'E'
deb http://deb.debian.org/debian bookworm main
deb [arch=amd64 http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian never main
E
write etc/apt/sources.list.d/x.sources <<'E'
Types: deb
Suites: x
E
mkfifo "$ROOT/etc/apt/sources.list.d/fifo.list"
query "SELECT suite FROM package_repositories" "APT gives up at the first error" <<'E'
bookworm
E
problems package_repositories "errors are told" <<'E'
/etc/apt/sources.list|line 2 is wrong; the rest of the file does not count
/etc/apt/sources.list.d/fifo.list|not a regular file
/etc/apt/sources.list.d/x.sources|line 2 is wrong; the rest of the file does not count
E

tree redhat
write etc/dnf/dnf.conf <<'E'
[main]
gpgcheck=1
E
write etc/yum.repos.d/a.repo <<'E'
# comment
[baseos]
name=Rocky Linux - BaseOS
mirrorlist=https://mirrors.rockylinux.org/mirrorlist?arch=$basearch&repo=BaseOS-$releasever
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9
[epel]
metalink=https://mirrors.fedoraproject.org/metalink?repo=epel-9
[other]
baseurl = http://u:p@other.example/
          http://second.example/
gpgcheck = 0
enabled = no
E
query "SELECT suite, uri, enabled, verified, security, third_party, encrypted, line
	FROM package_repositories" <<'E'
baseos|https://mirrors.rockylinux.org/mirrorlist?arch=$basearch&repo=BaseOS-$releasever|1|1|1|0|1|2
epel|https://mirrors.fedoraproject.org/metalink?repo=epel-9|1|1|0|1|1|6
other|http://other.example/|0|0|0|1|0|8
E
rm "$ROOT/etc/dnf/dnf.conf"
query "SELECT suite FROM package_repositories WHERE verified" "nothing is checked by default" </dev/null

tree alpine
write etc/apk/repositories <<'E'
https://dl-cdn.alpinelinux.org/alpine/v3.18/main
#https://dl-cdn.alpinelinux.org/alpine/v3.18/community
# a comment
http://mirror.example/alpine/v3.18/community
@edge http://packages.example/edge/testing
/local/packages
E
query "SELECT uri, suite, components, enabled, security, third_party, line
	FROM package_repositories" <<'E'
https://dl-cdn.alpinelinux.org/alpine/v3.18/main|v3.18|main|1|1|0|1
https://dl-cdn.alpinelinux.org/alpine/v3.18/community|v3.18|community|0|1|0|2
http://mirror.example/alpine/v3.18/community|v3.18|community|1|1|0|4
http://packages.example/edge/testing|edge|testing|1|0|1|5
/local/packages|||1|0|1|6
E

tree config
write etc/apt/apt.conf.d/10first <<'E'
// comment
APT::Periodic::Enable "1"; # another
APT {
  Get { Assume-Yes "false"; /* inside */ };
  NeverAutoRemove { "^linux.*"; "^firmware.*"; };
};
Acquire::http::Proxy "http://proxy.example:3128";
A::B "x" "y";
E
write etc/apt/apt.conf.d/20second <<'E'
apt::get::assume-yes "true";
#clear APT::NeverAutoRemove;
#include "/etc/apt/more.conf";
E
write etc/apt/more.conf <<'E'
Included "yes";
E
write etc/apt/apt.conf.d/30ignored.bak <<'E'
Ignored "1";
E
write etc/apt/apt.conf <<'E'
Last "1";
Broken {
E
query "SELECT * FROM apt_config" <<'E'
APT::Periodic::Enable|1|/etc/apt/apt.conf.d/10first|2
apt::get::assume-yes|true|/etc/apt/apt.conf.d/20second|1
Acquire::http::Proxy|http://proxy.example:3128|/etc/apt/apt.conf.d/10first|7
A::B|x y|/etc/apt/apt.conf.d/10first|8
Included|yes|/etc/apt/more.conf|1
Last|1|/etc/apt/apt.conf|1
E
problems apt_config "a block that never ends" <<'E'
/etc/apt/apt.conf|line 3: not apt.conf(5)
E
write etc/apt/more.conf <<'E'
#include "/etc/apt/more.conf";
E
query "SELECT count(*) FROM collector_problems WHERE name = 'apt_config'
	AND reason = 'included too deeply'" "a file that includes itself" <<'E'
1
E
if command -v apt-config >/dev/null; then
	rm "$ROOT/etc/apt/apt.conf" "$ROOT/etc/apt/more.conf"
	write etc/apt/apt.conf.d/20second <<'E'
apt::get::assume-yes "true";
#clear APT::NeverAutoRemove;
E
	for f in "$ROOT"/etc/apt/apt.conf.d/10first "$ROOT"/etc/apt/apt.conf.d/20second; do
		cat "$f"
	done >"$TMP/all.conf"
	APT_CONFIG=$TMP/all.conf apt-config dump 2>/dev/null |
		sed -n 's/^A::B "\(.*\)";/\1/p; s/^APT::Get::Assume-Yes "\(.*\)";/\1/ip' >"$TMP/apt"
	query "SELECT value FROM apt_config WHERE lower(name) IN ('a::b', 'apt::get::assume-yes')" \
		"values are those of apt-config" <"$TMP/apt"
fi
finish
