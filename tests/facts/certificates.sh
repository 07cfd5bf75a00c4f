#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# certificates
. ./lib.sh

command -v openssl >/dev/null || skip "openssl is not installed"

make() { # path, algorithm, name
	mkdir -p "$(dirname "$ROOT/$1")"
	openssl req -x509 -newkey $2 -nodes -keyout "$ROOT/$1.key" -out "$ROOT/$1" -days 10 \
		-subj "/CN=$3" 2>/dev/null
}

tree debian
make etc/ssl/private/site.pem rsa:2048 www.example.org
make etc/letsencrypt/live/x/cert.pem ed25519 le.example.org
cp "$ROOT/etc/letsencrypt/live/x/cert.pem" "$ROOT/etc/letsencrypt/live/x/fullchain.pem"
make etc/ssl/certs/own.pem "ec -pkeyopt ec_paramgen_curve:prime256v1" own.example.org
openssl x509 -in "$ROOT/etc/ssl/certs/own.pem" -outform der -out "$ROOT/etc/ssl/own.crt"
rm "$ROOT/etc/ssl/certs/own.pem"
make usr/share/ca-certificates/mozilla/CA.crt rsa:1024 "A store of authorities"
link /usr/share/ca-certificates/mozilla/CA.crt etc/ssl/certs/CA.pem
link CA.pem etc/ssl/certs/01234567.0
cp "$ROOT/usr/share/ca-certificates/mozilla/CA.crt" "$ROOT/etc/ssl/certs/ca-certificates.crt"
write etc/nginx/sites-enabled/site <<'E'
server {
	# ssl_certificate /etc/ssl/old.pem;
	ssl_certificate "/etc/letsencrypt/live/x/fullchain.pem";
	ssl_certificate_key /etc/ssl/private/site.pem.key;
	ssl_certificate $variable;
}
E
write etc/postfix/main.cf <<'E'
smtpd_tls_cert_file = /etc/ssl/private/site.pem
E
query "SELECT path, subject, key_algorithm, bits, signature, self_signed,
	not_after - not_before, used_by FROM certificates ORDER BY path" <<'E'
/etc/letsencrypt/live/x/fullchain.pem|CN=le.example.org|ed25519|256|ED25519|1|864000|/etc/nginx/sites-enabled/site:3
/etc/ssl/own.crt|CN=own.example.org|ec|256|ecdsa-with-SHA256|1|864000|
/etc/ssl/private/site.pem|CN=www.example.org|rsa|2048|sha256WithRSAEncryption|1|864000|/etc/postfix/main.cf:1
E
query "SELECT path FROM collector_problems WHERE name = 'certificates'" "no problem" </dev/null

tree bad
make etc/ssl/private/good.pem rsa:2048 good
head -c 300 "$ROOT/etc/ssl/private/good.pem" >"$ROOT/etc/ssl/private/cut.pem"
printf '%s\n%s\n%s\n' '-----BEGIN CERTIFICATE-----' 'AAAA' '-----END CERTIFICATE-----' |
	write etc/ssl/private/junk.pem
mkfifo "$ROOT/etc/ssl/private/fifo.pem"
head -c 2000000 /dev/zero | write etc/ssl/private/huge.pem
printf '0\202\001\001' | write etc/ssl/private/cut.der
write etc/haproxy/haproxy.cfg <<'E'
frontend x
	bind :443 ssl crt /etc/ssl/private/good.pem.key alpn h2
E
query "SELECT path FROM certificates" <<'E'
/etc/ssl/private/good.pem
E
query "SELECT path, reason FROM collector_problems WHERE name = 'certificates' ORDER BY path" <<'E'
/etc/ssl/private/cut.der|holds what is no valid certificate
/etc/ssl/private/cut.pem|holds what is no valid certificate
/etc/ssl/private/fifo.pem|cannot read the certificate
/etc/ssl/private/good.pem.key|/etc/haproxy/haproxy.cfg:2 names it, but no certificate is in it
/etc/ssl/private/huge.pem|cannot read the certificate
/etc/ssl/private/junk.pem|holds what is no valid certificate
E
finish
