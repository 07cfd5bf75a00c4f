# SPDX-License-Identifier: GPL-3.0-or-later
# Compiled rules on disk: what hunt says never depends on them.
. ./lib.sh
CACHE=$TMP/kept
mkdir "$TMP/rules"
i=0
while [ $i -lt 700 ]; do
	printf -- '---\ntitle: rule %d\ndescription: %0400d\n' $i $i
	printf 'logsource: {product: linux, service: sshd}\ndetection:\n  condition: s\n'
	printf "  s: ['port %d ', 'never %d']\n" $i $i
	i=$((i + 1))
done >"$TMP/rules/many.yml"
echo 'title: refused' >"$TMP/rules/refused.yml"
echo 'Mar  4 10:17:21 web1 sshd[1]: Accepted publickey for deploy from 10.0.0.1 port 22 ssh2: ED25519 SHA256:abc' \
	>"$TMP/auth.log"

hunt() { env HOLDFAST_CACHE="$CACHE" "$@" "$HOLDFAST" hunt -f jsonl --rules "$TMP/rules" "$TMP/auth.log"; }

# same NAME [NAME=VALUE...]: output, errors and exit code are those without a cache
same() {
	name=$1
	shift
	hunt "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	if [ $? = "$code" ] && cmp -s "$TMP/out" "$TMP/want" && cmp -s "$TMP/err" "$TMP/want.err"; then
		result 0 "$name"
	else
		result 1 "$name"
		show
	fi
}
that() {
	name=$1
	shift
	if "$@"; then result 0 "  $name"; else
		result 1 "  $name"
		ls -la "$CACHE" 2>&1 | sed 's/^/# /'
	fi
}
files() { [ "$(find "$CACHE" -name '*.rules' -type f 2>/dev/null | wc -l)" = "$1" ]; }
private() { [ "$(stat -c %a "$CACHE" "$file" "$CACHE/key" | tr '\n' ' ')" = "700 600 600 " ]; }
is_inode() { [ "$(stat -c %i "$file")" = "$1" ]; }
is_whole() { [ -f "$file" ] && ! [ -L "$file" ] && [ "$(stat -c %s "$file")" = "$whole" ]; }
wanted() { grep -q '"rule 22"' "$TMP/want" && grep -q 'rule left out' "$TMP/want.err"; }

hunt HOLDFAST_CACHE=off >"$TMP/want" 2>"$TMP/want.err"
code=$?
that "there is something to compare" wanted
that "switched off" files 0
same "written"
that "one file" files 1
file=$(ls "$CACHE"/*.rules)
whole=$(stat -c %s "$file")
inode=$(stat -c %i "$file")
that "nobody else's" private
same "read"
that "not written again" is_inode "$inode"

printf x | dd of="$file" bs=1 seek=70000 conv=notrunc 2>/dev/null
cp "$file" "$TMP/damaged"
same "damaged"
if cmp -s "$file" "$TMP/damaged"; then result 1 "  written anew"; else result 0 "  written anew"; fi
head -c 1000 "$file" >"$TMP/part" && cat "$TMP/part" >"$file"
same "cut off"
that "whole again" is_whole
rm "$file" && mkfifo "$file"
same "a FIFO"
that "whole again" is_whole
rm "$file" && ln -s "$TMP/auth.log" "$file"
same "a link"
that "whole again" is_whole

# A signal would end the program where a file may not grow.
rm -r "$CACHE"
hunt >"$TMP/shadow" 2>&1 && rm "$CACHE"/*.rules
cat >"$TMP/limited" <<'E'
ulimit -f 20
exec "$@"
E
same "a limit of the size of files" HOLDFAST_CACHE="$CACHE" sh "$TMP/limited"
that "no file" files 0
same "nowhere to write" HOLDFAST_CACHE=/proc/none
same "written once more"
echo '# another text' >>"$TMP/rules/many.yml"
same "another text"
that "another file" files 2

# As a user of one's own, in the usual place.
chmod 711 "$TMP"
if [ "$(id -u)" = 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups "$HOLDFAST" --version \
	>/dev/null 2>&1; then
	mkdir -m 700 "$TMP/home" && chown 65534:65534 "$TMP/home"
	chmod -R a+rX "$TMP/rules" "$TMP/auth.log"
	same "in a home" HOME="$TMP/home" XDG_CACHE_HOME= HOLDFAST_CACHE= \
		setpriv --reuid 65534 --regid 65534 --clear-groups
	CACHE=$TMP/home/.cache/holdfast
	that "one file" files 1
	same "from a home" HOME="$TMP/home" XDG_CACHE_HOME= HOLDFAST_CACHE= \
		setpriv --reuid 65534 --regid 65534 --clear-groups
	that "one file" files 1
	chown -R 0:0 "$TMP/home/.cache" && chmod -R a+rX "$TMP/home/.cache"
	same "a home that belongs to somebody else" HOME="$TMP/home" XDG_CACHE_HOME= HOLDFAST_CACHE= \
		setpriv --reuid 65534 --regid 65534 --clear-groups
else
	result 0 "in a home # SKIP somebody else cannot run the program here"
fi
finish
