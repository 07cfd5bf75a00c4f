#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# components: software of languages' package managers, archives, programs and sites.
. ./lib.sh

components() {
	query "SELECT ecosystem, kind, name, version, path, evidence FROM components
		WHERE $1 ORDER BY path, name" "$2"
}
problems() {
	query "SELECT path, reason FROM collector_problems WHERE name='components'
		AND (SELECT count(*) FROM components) >= 0 ORDER BY path, reason" "$1"
}
package() { # name version maintainer
	mkdir -p "$ROOT/var/lib/dpkg/info"
	printf 'Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: all\nMaintainer: %s\n\n' \
		"$1" "$2" "$3" >>"$ROOT/var/lib/dpkg/status"
	cat >"$ROOT/var/lib/dpkg/info/$1.list"
}
python() { # folder name version
	printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n\nName: other\n' "$2" "$3" |
		write "$1/METADATA"
}

tree languages
python opt/app/venv/lib/python3.11/site-packages/Flask_Login-0.6.2.dist-info Flask_Login 0.6.2
python usr/lib/python3/dist-packages/requests-2.28.1.dist-info requests 2.28.1
python usr/local/lib/python3.11/dist-packages/Jinja2-3.0.0.dist-info Jinja2 3.0.0
folder usr/local/lib/python3.11/dist-packages/left-1.dist-info
printf 'Name: old.Egg\nVersion: 1.0\n' | write srv/x/old.egg-info
printf 'Name: folder\nVersion: 2.0\n' | write srv/x/folder.egg-info/PKG-INFO
echo '{"name":"lodash","version":"4.17.20"}' | write srv/web/node_modules/lodash/package.json
echo '{"name":"@babel/core","version":"7.0.0"}' |
	write srv/web/node_modules/@babel/core/package.json
echo '{"type":"module"}' | write srv/web/node_modules/@babel/core/lib/package.json
echo '{"name":"mine","version":"1.0.0"}' | write srv/web/package.json
echo '{"name":"deep","version":"0.0.1"}' |
	write srv/web/node_modules/.pnpm/deep@0.0.1/node_modules/deep/package.json
printf 'Gem::Specification.new do |s|\n  s.name = "rails".freeze\n  s.version = "6.0.0"\nend\n' |
	write var/lib/gems/3.1.0/specifications/rails-6.0.0.gemspec
echo '{"packages":[{"name":"symfony/http-kernel","version":"v5.4.0"},{"name":"a/b","version":"dev-main"}]}' |
	write var/www/shop/vendor/composer/installed.json
echo '[{"name":"monolog/monolog","version":"1.0.0"}]' |
	write var/www/old/vendor/composer/installed.json
echo '{"libraries":{"App/1.0.0":{"type":"project"},"Newtonsoft.Json/12.0.1":{"type":"package"},"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.1":{"type":"runtimepack"}}}' |
	write opt/net/App.deps.json
printf '/usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA\n' |
	package python3-requests 2.28.1+dfsg-1 'Debian Python Team <team+python@tracker.debian.org>'
components 1 "languages: what a distribution packages is its own" <<'E'
PyPI|library|flask-login|0.6.2|/opt/app/venv/lib/python3.11/site-packages/Flask_Login-0.6.2.dist-info/METADATA|METADATA
NuGet|runtime|Microsoft.NETCore.App.Runtime.linux-x64|6.0.1|/opt/net/App.deps.json|deps.json
NuGet|library|Newtonsoft.Json|12.0.1|/opt/net/App.deps.json|deps.json
npm|library|deep|0.0.1|/srv/web/node_modules/.pnpm/deep@0.0.1/node_modules/deep/package.json|package.json
npm|library|@babel/core|7.0.0|/srv/web/node_modules/@babel/core/package.json|package.json
npm|library|lodash|4.17.20|/srv/web/node_modules/lodash/package.json|package.json
PyPI|library|folder|2.0|/srv/x/folder.egg-info/PKG-INFO|PKG-INFO
PyPI|library|old-egg|1.0|/srv/x/old.egg-info|old.egg-info
PyPI|library|jinja2|3.0.0|/usr/local/lib/python3.11/dist-packages/Jinja2-3.0.0.dist-info/METADATA|METADATA
RubyGems|library|rails|6.0.0|/var/lib/gems/3.1.0/specifications/rails-6.0.0.gemspec|gemspec
Packagist|library|monolog/monolog|1.0.0|/var/www/old/vendor/composer/installed.json|installed.json
Packagist|library|a/b|dev-main|/var/www/shop/vendor/composer/installed.json|installed.json
Packagist|library|symfony/http-kernel|5.4.0|/var/www/shop/vendor/composer/installed.json|installed.json
E
query "SELECT purl, coalesce(eol_date, '') FROM components
	WHERE name IN ('@babel/core', 'rails', 'symfony/http-kernel') ORDER BY name" "package URLs" <<'E'
pkg:npm/%40babel/core@7.0.0|
pkg:gem/rails@6.0.0|2023-06-01
pkg:composer/symfony/http-kernel@5.4.0|2029-02-28
E
problems "nothing is wrong" <<'E'
E

tree archives
python3 - "$ROOT" <<'E'
import io, os, sys, zipfile
root = sys.argv[1]
JNDI = "org/apache/logging/log4j/core/lookup/JndiLookup.class"
CORE = "org/apache/logging/log4j/core/Logger.class"


def pom(g, a, v):
    return ("META-INF/maven/%s/%s/pom.properties" % (g, a),
            "#c\nversion=%s\ngroupId=%s\nartifactId=%s\n" % (v, g, a))


def jar(files, method=zipfile.ZIP_DEFLATED, prefix=b""):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", method) as z:
        for name, data in files:
            z.writestr(name, data)
    return prefix + b.getvalue()


def put(path, data):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


log4j = jar([pom("org.apache.logging.log4j", "log4j-core", "2.14.1"), (JNDI, "x"), (CORE, "x")])
safe = jar([pom("org.apache.logging.log4j", "log4j-core", "2.14.1"), (CORE, "x")])
spring = jar([("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nImplementation-Title: spring-core"
               "\r\nImplementation-Ver\r\n sion: 5.3.17\r\n")])
fat = jar([("META-INF/MANIFEST.MF", "Main-Class: a.B\nImplementation-Version: 1.0\n"),
           ("BOOT-INF/lib/log4j-core-2.14.1.jar", log4j),
           ("BOOT-INF/lib/spring-core-5.3.17.jar", spring)], zipfile.ZIP_STORED,
          b"#!/bin/sh\nexec java -jar $0\n")
put("opt/fat.jar", fat)
put("opt/safe.jar", safe)
put("opt/app.ear", jar([("web.war", jar([("WEB-INF/lib/log4j-core-2.14.1.jar", log4j)]))]))
put("opt/shaded-3.2.jar", jar([pom("com.shop", "shaded", "3.2"),
                               pom("commons-io", "commons-io", "2.4"), ("shaded/" + JNDI, "x")]))
put("opt/bundle.jar", jar([("META-INF/MANIFEST.MF", "Bundle-SymbolicName: org.acme.bundle;"
                            "singleton:=true\nBundle-Version: 4.5\n")]))
put("opt/guice-4.0.jar", b"")
put("opt/not.jar", b"hello")
E
components "1" "archives in archives, shaded, by class" <<'E'
Maven|library|org.apache.logging.log4j:log4j-core|2.14.1|/opt/app.ear!/web.war!/WEB-INF/lib/log4j-core-2.14.1.jar|pom.properties
Maven|library|org.acme:bundle|4.5|/opt/bundle.jar|manifest
Maven|library|org.apache.logging.log4j:log4j-core|2.14.1|/opt/fat.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar|pom.properties
Maven|library|org.springframework:spring-core|5.3.17|/opt/fat.jar!/BOOT-INF/lib/spring-core-5.3.17.jar|file name, manifest
Maven|library|guice|4.0|/opt/guice-4.0.jar|file name
Maven|library|org.apache.logging.log4j:log4j-core|2.14.1|/opt/safe.jar|pom.properties, without JndiLookup.class
Maven|library|com.shop:shaded|3.2|/opt/shaded-3.2.jar|pom.properties
Maven|library|commons-io:commons-io|2.4|/opt/shaded-3.2.jar|pom.properties
Maven|library|org.apache.logging.log4j:log4j-core||/opt/shaded-3.2.jar|JndiLookup.class
E
query "SELECT path, critical_cve, critical_fixed FROM components WHERE critical_cve <> '' ORDER BY path" \
	"Log4Shell inside, but not where its class was taken out" <<'E'
/opt/app.ear!/web.war!/WEB-INF/lib/log4j-core-2.14.1.jar|CVE-2021-44228|2.17.1
/opt/fat.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar|CVE-2021-44228|2.17.1
/opt/fat.jar!/BOOT-INF/lib/spring-core-5.3.17.jar|CVE-2022-22965|5.3.18
E
problems "what is no archive is none" <<'E'
E

tree vendor
printf 'Name: inside\nVersion: 1.0\n' | write opt/gitlab/lib/inside-1.0.dist-info/METADATA
printf '/opt/gitlab/lib/inside-1.0.dist-info/METADATA\n' |
	package gitlab-ce 16.0.0 'GitLab, Inc. <support@gitlab.com>'
query "SELECT name, version, package FROM components" "a maker's package is looked into" <<'E'
inside|1.0|gitlab-ce
E

tree programs
program() { # seed path [mode]
	{ cat "../../fuzz/corpus/program/$1"; head -c 2000 /dev/zero; } | write "$2" "${3:-755}"
}
server() { # path text
	{ printf '\177ELF\2\1\1'; head -c 2000 /dev/zero; printf "$2"; } | write "$1" 755
}
program inline usr/local/bin/go-app
program inline usr/local/bin/node_exporter
program inline usr/local/bin/libx.so
program inline usr/local/bin/text 644
program pointersbig usr/local/bin/old-1.2.3
program rust usr/local/bin/rusty
server opt/nginx/sbin/nginx 'nginx version: nginx/1.18.0\n'
server opt/lib/libcrypto.so.10 'OpenSSL 1.0.2k  26 Jan 2017\n'
printf '#!/bin/sh\nexit # Apache/2.4.1 (Unix)\n' | write opt/bin/httpd 755
write opt/bin/release 755 </bin/true
head -c 5000000 /dev/zero | write opt/big/release
query "SELECT ecosystem, kind, name, version, path FROM components ORDER BY path, kind, name" \
	"programs of Go and Rust, servers built by hand" <<'E'
|library|openssl|1.0.2k|/opt/lib/libcrypto.so.10
|application|nginx|1.18.0|/opt/nginx/sbin/nginx
Go|application|example.com/shop||/usr/local/bin/go-app
Go|library|github.com/c/d|1.4.0|/usr/local/bin/go-app
Go|runtime|stdlib|1.20.3|/usr/local/bin/go-app
Go|application|example.com/shop||/usr/local/bin/node_exporter
Go|library|github.com/c/d|1.4.0|/usr/local/bin/node_exporter
Go|runtime|stdlib|1.20.3|/usr/local/bin/node_exporter
Go|application|example.com/shop||/usr/local/bin/old-1.2.3
Go|library|github.com/c/d|1.4.0|/usr/local/bin/old-1.2.3
Go|runtime|stdlib|1.20.3|/usr/local/bin/old-1.2.3
crates.io|application|app|0.1.0|/usr/local/bin/rusty
crates.io|library|serde|1.0.1|/usr/local/bin/rusty
E
problems "files that are called so" <<'E'
E

tree sites
# The comment above it names the variable first, as in every WordPress.
printf '<?php\n/**\n * @global string $wp_version\n */\n$wp_version = '"'6.4.1'"';\n' |
	write var/www/blog/wp-includes/version.php
printf '<?php\n/*\n * Plugin Name: Contact\n * Version: 5.0.1\n */\n' |
	write var/www/blog/wp-content/plugins/contact/main.php
echo '<?php' | write var/www/blog/wp-content/plugins/contact/a.php
printf '<?php\n/* Plugin Name: Hello\nVersion: 1.7.2 */\n' |
	write var/www/blog/wp-content/plugins/hello.php
printf '/*\nTheme Name: Twenty\nVersion: 2.1\n*/\n' |
	write var/www/blog/wp-content/themes/twenty/style.css
echo "  const VERSION = '9.5.0';" | write var/www/d/core/lib/Drupal.php
printf "name: Token\ntype: module\nversion: '8.x-1.5'\nproject: 'token'\n" |
	write var/www/d/modules/contrib/token/token.info.yml
printf "name: Beta\nversion: '8.x-1.0-beta3'\nproject: 'beta'\n" |
	write var/www/d/modules/beta/beta.info.yml
printf 'name = Views\nversion = "7.x-3.0"\nproject = "views"\n' | write var/www/7/views/views.info
printf "name: Node\ntype: module\nversion: VERSION\n" |
	write var/www/d/core/modules/node/node.info.yml
echo '<version>4.2.0</version>' | write var/www/j/administrator/manifests/files/joomla.xml
printf '<?xml version="1.0"?>\n<extension type="component">\n<name>X</name><author>Ann</author><version>3.1</version></extension>\n' |
	write var/www/j/administrator/components/com_shop/shop.xml
printf '<extension><author>Joomla! Project</author><version>4.2.0</version></extension>\n' |
	write var/www/j/administrator/components/com_content/content.xml
query "SELECT ecosystem, kind, name, version, purl FROM components ORDER BY ecosystem, kind, name" \
	"sites and what extends them" <<'E'
|application|joomla|4.2.0|pkg:generic/joomla@4.2.0
Drupal|plugin|views|7.x-3.0|pkg:generic/drupal-plugin/views@7.x-3.0
Joomla|plugin|com_shop|3.1|pkg:generic/joomla-plugin/com_shop@3.1
Packagist|application|drupal/core|9.5.0|pkg:composer/drupal/core@9.5.0
Packagist|plugin|drupal/beta|1.0.0-beta3|pkg:composer/drupal/beta@1.0.0-beta3
Packagist|plugin|drupal/token|1.5.0|pkg:composer/drupal/token@1.5.0
WordPress:core|application|wordpress|6.4.1|pkg:generic/wordpress@6.4.1
WordPress:plugin|plugin|contact|5.0.1|pkg:generic/wordpress-plugin/contact@5.0.1
WordPress:plugin|plugin|hello|1.7.2|pkg:generic/wordpress-plugin/hello@1.7.2
WordPress:theme|theme|twenty|2.1|pkg:generic/wordpress-theme/twenty@2.1
E

tree layers
D=var/lib/docker/overlay2
P=usr/lib/python3/dist-packages
printf 'Name: base\nVersion: 1\n' | write $D/aaa/diff/$P/base.egg-info
printf 'Name: owned\nVersion: 1\n' | write $D/aaa/diff/$P/owned.egg-info
printf 'Package: python3-owned\nStatus: install ok installed\nVersion: 1\nMaintainer: x@debian.org\n\n' |
	write $D/aaa/diff/var/lib/dpkg/status
echo /$P/owned.egg-info | write $D/aaa/diff/var/lib/dpkg/info/python3-owned.list
printf 'Name: twice\nVersion: 1\n' | write $D/aaa/merged/twice.egg-info
printf 'Name: top\nVersion: 2\n' | write $D/bbb/diff/app/top.egg-info
printf 'Name: pod\nVersion: 3\n' |
	write home/u/.local/share/containers/storage/overlay/ccc/diff/pod.egg-info
printf 'Name: cri\nVersion: 4\n' |
	write var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/17/fs/cri.egg-info
query "SELECT name, layer FROM components ORDER BY name" "layers of containers are told apart" <<'E'
base|aaa
cri|17
pod|ccc
top|bbb
E

tree hostile
python3 - "$ROOT" <<'E'
import io, os, struct, sys, zipfile
root = sys.argv[1]


def jar(files, method=zipfile.ZIP_DEFLATED):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", method) as z:
        for name, data in files:
            z.writestr(name, data)
    return b.getvalue()


def put(path, data):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


pom = ("META-INF/maven/g/a/pom.properties", "groupId=g\nartifactId=a\nversion=1\n")
good = jar([pom, ("filler", os.urandom(1000))])
put("a/cut.jar", good[:-30])
put("a/traversal.jar", jar([("../../../../etc/x.jar", good)]))
deep = jar([pom])
for i in range(1000):
    deep = jar([("n.jar", deep)], zipfile.ZIP_STORED)
put("a/deep.jar", deep)
put("a/bomb.jar", jar([("b.jar", b"\0" * (300 << 20)), pom]))
lying = bytearray(jar([pom]))
at = lying.rfind(b"PK\1\2")
lying[at + 24:at + 28] = struct.pack("<I", 0x7fffffff)
put("a/lying.jar", bytes(lying))
put("a/many.jar", jar([("c/%05d.class" % i, b"") for i in range(65534)] + [pom]))
put("a/more.jar", jar([("c/%05d.class" % i, b"") for i in range(70000)] + [pom]))
put("b/node_modules/huge/package.json",
    b'{"name":"huge","version":"1","x":"' + b"x" * (5 << 20) + b'"}')
put("b/node_modules/nest/package.json", b"[" * 100000)
put("b/node_modules/odd/package.json", b'{"name":"a\\u001b[31m","version":"1"}')
put("b/x.egg-info", b"Name: \xff\xfe\nVersion: 1\n")
os.mkfifo(root + "/b/pipe.jar")
os.symlink(".", root + "/b/loop")
os.symlink("/etc/passwd", root + "/b/node_modules/link.jar")
E
query "SELECT name, version, path FROM components ORDER BY path" "what is good is found" <<'E'
g:a|1|/a/bomb.jar
g:a|1|/a/many.jar
g:a|1|/a/more.jar
g:a|1|/a/traversal.jar!/../../../../etc/x.jar
E
problems "what is not is named" <<'E'
/a/bomb.jar|!/b.jar: too large to be looked into
/a/cut.jar|damaged or cut off
/a/deep.jar|!/n.jar!/n.jar!/n.jar!/n.jar!/n.jar!/n.jar!/n.jar!/n.jar: holds archives in archives too deep
/a/lying.jar|!/META-INF/maven/g/a/pom.properties: too large to be looked into
/b/node_modules/huge/package.json|too long to be looked into
/b/node_modules/nest/package.json|1:65: nested deeper than is read
/b/x.egg-info|names no package and version
E

finish
