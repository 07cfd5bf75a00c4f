#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# web_server_config: nginx and Apache.
. ./lib.sh

config() { # server where name
	query "SELECT context, block, directive, value, file, line FROM web_server_config
		WHERE server = '$1' AND $2" "$3"
}

tree debian
write etc/nginx/nginx.conf <<'E'
user www-data;
events { worker_connections 768; }
http {
	types { text/html html; }
	ssl_protocols TLSv1 TLSv1.2; # old
	log_format main '$remote_addr - "${x}" {}';
	content_by_lua_block { local a = "}" -- }
	  if x then y({}) end }
	include /etc/nginx/conf.d/*.conf;
	include sites-enabled/*;
}
stream { server { listen 53 udp; } }
E
write etc/nginx/sites-available/default <<'E'
server { listen 80 default_server; server_name _;
 location ~ "^/a{2}$" { autoindex on; }
 location /x { if ($a = b) { return 403; } }
}
E
link ../sites-available/default etc/nginx/sites-enabled/default
config nginx "directive NOT IN ('user', 'events')" "nginx: blocks, quotes, comments, Lua, links" <<'E'
events|0|worker_connections|768|/etc/nginx/nginx.conf|2
|0|http||/etc/nginx/nginx.conf|3
http|0|types||/etc/nginx/nginx.conf|4
http|0|ssl_protocols|TLSv1 TLSv1.2|/etc/nginx/nginx.conf|5
http|0|log_format|main $remote_addr - "${x}" {}|/etc/nginx/nginx.conf|6
http|0|content_by_lua_block||/etc/nginx/nginx.conf|7
http|0|server||/etc/nginx/sites-enabled/default|1
server 1|1|listen|80 default_server|/etc/nginx/sites-enabled/default|1
server 1|1|server_name|_|/etc/nginx/sites-enabled/default|1
server 1|1|location|~ ^/a{2}$|/etc/nginx/sites-enabled/default|2
location ~ ^/a{2}$|1|autoindex|on|/etc/nginx/sites-enabled/default|2
server 1|1|location|/x|/etc/nginx/sites-enabled/default|3
location /x|1|if|($a = b)|/etc/nginx/sites-enabled/default|3
if ($a = b)|1|return|403|/etc/nginx/sites-enabled/default|3
|0|stream||/etc/nginx/nginx.conf|12
stream|0|server||/etc/nginx/nginx.conf|12
stream server 2|2|listen|53 udp|/etc/nginx/nginx.conf|12
E
write etc/apache2/apache2.conf <<'E'
IncludeOptional mods-enabled/*.load
Include ports.conf
Define site /srv/www
<Directory ${site}>
	Options Indexes \
FollowSymLinks
</Directory>
ErrorLog ${APACHE_LOG_DIR}/error.log
IncludeOptional sites-enabled/*.conf
E
echo 'export APACHE_LOG_DIR=/var/log/apache2' | write etc/apache2/envvars
echo 'LoadModule rewrite_module /usr/lib/apache2/modules/mod_rewrite.so' |
	write etc/apache2/mods-enabled/rewrite.load
write etc/apache2/ports.conf <<'E'
Listen 80
<IfModule ssl_module>
	Listen 443
</IfModule>
<IfModule !mod_ssl.c>
	Listen 8080
</IfModule>
<IfDefine NOTHING>
	Listen 1
</IfDefine>
E
write etc/apache2/sites-available/a.conf <<'E'
<VirtualHost *:80>
	ServerName a
	<Location "/s p">
		Require all granted
	</Location>
</VirtualHost>
ServerTokens Full
E
link ../sites-available/a.conf etc/apache2/sites-enabled/a.conf
config apache "directive <> 'loadmodule'" "Apache: conditions, variables, sections" <<'E'
|0|listen|80|/etc/apache2/ports.conf|1
|0|listen|8080|/etc/apache2/ports.conf|6
|0|define|site /srv/www|/etc/apache2/apache2.conf|3
|0|directory|/srv/www|/etc/apache2/apache2.conf|4
Directory /srv/www|0|options|Indexes FollowSymLinks|/etc/apache2/apache2.conf|5
|0|errorlog|/var/log/apache2/error.log|/etc/apache2/apache2.conf|8
|0|virtualhost|*:80|/etc/apache2/sites-enabled/a.conf|1
VirtualHost *:80|1|servername|a|/etc/apache2/sites-enabled/a.conf|2
VirtualHost *:80|1|location|"/s p"|/etc/apache2/sites-enabled/a.conf|3
Location /s p|1|require|all granted|/etc/apache2/sites-enabled/a.conf|4
|0|servertokens|Full|/etc/apache2/sites-enabled/a.conf|7
E
query "SELECT status FROM collector_status WHERE name = 'web_server_config'" "nothing is missing" <<'E'
ok
E

tree rhel
printf 'ServerRoot "/etc/httpd"\nInclude conf.modules.d/*.conf\nListen 80\nIncludeOptional conf.d/*.conf\n' |
	write etc/httpd/conf/httpd.conf
printf 'LoadModule ssl_module modules/mod_ssl.so\n' | write etc/httpd/conf.modules.d/00-ssl.conf
printf '<IfModule mod_ssl.c>\nListen 443 https\n</IfModule>\n' | write etc/httpd/conf.d/ssl.conf
config apache "directive = 'listen'" "Red Hat" <<'E'
|0|listen|80|/etc/httpd/conf/httpd.conf|3
|0|listen|443 https|/etc/httpd/conf.d/ssl.conf|2
E

tree alpine
printf 'ServerRoot /var/www\nListen 80\nIncludeOptional /etc/apache2/conf.d/*.conf\n' |
	write etc/apache2/httpd.conf
echo 'ServerTokens OS' | write etc/apache2/conf.d/default.conf
config apache "directive <> 'serverroot'" "Alpine" <<'E'
|0|listen|80|/etc/apache2/httpd.conf|2
|0|servertokens|OS|/etc/apache2/conf.d/default.conf|1
E

tree bad
write etc/nginx/nginx.conf <<'E'
http {
	include loop.conf;
	include missing.conf;
	include binary.conf;
	include open.conf;
	include fifo.conf;
	server { listen 81; }
}
E
echo 'include loop.conf;' | write etc/nginx/loop.conf
printf 'a\0b;' | write etc/nginx/binary.conf
printf 'server {\n listen 82;\n location "/x' | write etc/nginx/open.conf
mkfifo "$ROOT/etc/nginx/fifo.conf"
{
	i=0
	while [ $i -lt 100 ]; do
		echo '<Directory /x>'
		i=$((i + 1))
	done
	echo 'Include /etc/httpd/conf/httpd.conf'
} | write etc/httpd/conf/httpd.conf
config nginx "directive = 'listen'" "what is good is kept" <<'E'
server 1|1|listen|82|/etc/nginx/open.conf|2
server 2|2|listen|81|/etc/nginx/nginx.conf|7
E
query "SELECT path, reason FROM collector_problems WHERE name = 'web_server_config'
	ORDER BY path" "the rest is told" <<'E'
/etc/httpd/conf/httpd.conf|line 33: nested too deeply
/etc/httpd/conf/httpd.conf|a section is not closed, or closed twice
/etc/nginx/binary.conf|not a text file
/etc/nginx/fifo.conf|not a regular file
/etc/nginx/loop.conf|includes itself
/etc/nginx/missing.conf|included by /etc/nginx/nginx.conf:3 and missing
/etc/nginx/open.conf|line 3: quotes are not closed
E
finish
