-- SPDX-License-Identifier: GPL-3.0-or-later
-- Views over the fact tables: what several checks need, said once.

-- Listeners that others can reach at least as far as the socket decides: what runs, and where
-- nothing runs (a mounted tree) what the configuration would start.
CREATE VIEW exposed_services AS
SELECT process AS service, protocol, address, port, path, package, unit,
       'live' AS origin, process || ' listens on ' || address || ':' || port AS evidence
  FROM listening_ports WHERE loopback = 0
UNION ALL
SELECT service, protocol, address, port, '', package, '',
       'config', CASE WHEN file = '' THEN service || ' default'
                      ELSE file || ':' || line END || ' listens on ' || address || ':' || port
  FROM expected_listeners
 WHERE loopback = 0 AND enabled = 1
   AND NOT EXISTS (SELECT 1 FROM collector_status WHERE name = 'listening_ports' AND status = 'ok');

-- Kernel parameters as they are and as they will be after a restart: low is the smaller and high
-- the greater of the two.
CREATE VIEW sysctl AS
SELECT name,
       min(CAST(value AS INTEGER), CAST(coalesce(config_value, value) AS INTEGER)) AS low,
       max(CAST(value AS INTEGER), CAST(coalesce(config_value, value) AS INTEGER)) AS high,
       CASE WHEN config_value IS NOT NULL
            THEN config_file || ':' || config_line || ' ' || name || ' = ' || config_value
                 || CASE WHEN current_value <> config_value
                         THEN ', but the running kernel has ' || current_value ELSE '' END
            ELSE name || ' = ' || value || ', no file in /etc/sysctl.d sets it'
       END AS evidence
  FROM system_controls;

-- Servers of the time before ssh.
CREATE VIEW legacy_packages AS
SELECT name, version FROM packages
 WHERE status = 'installed'
   AND name IN ('telnetd', 'telnetd-ssl', 'inetutils-telnetd', 'telnet-server', 'krb5-telnetd',
                'busybox-extras-telnetd', 'rsh-server', 'rsh-redone-server', 'rwhod', 'rusersd',
                'tftpd', 'tftpd-hpa', 'atftpd', 'tftp-server', 'talkd', 'inetutils-talkd',
                'talk-server', 'fingerd', 'efingerd', 'cfingerd', 'finger-server', 'nis', 'ypserv');

-- Base chains for incoming packets that are in force: of a running machine those of the kernel.
CREATE VIEW firewall_in_force AS
SELECT c.*, CASE c.file WHEN '' THEN 'the kernel' ELSE c.file || ':' || c.line END || ': '
       || c.backend || ' ' || c.family || ' ' || c.table_name || ' ' || c.chain || ', policy '
       || c.policy AS evidence
  FROM firewall_chains c, host_info h
 WHERE c.enabled = 1 AND c.hook = 'input' AND (h.live = 0 OR c.origin = 'kernel');

-- ip and ip6: shut is 1 when what no rule lets in is dropped.
CREATE VIEW firewall_input AS
SELECT f.column1 AS family, f.column2 AS name,
       max(c.chain IS NOT NULL AND (c.policy = 'drop' OR c.final_drop = 1)) AS shut,
       max(c.chain IS NOT NULL) AS filtered, max(c.evidence) AS evidence
  FROM (VALUES ('ip', 'IPv4'), ('ip6', 'IPv6')) f
  LEFT JOIN firewall_in_force c ON c.family IN ('inet', f.column1)
 GROUP BY f.column1;

-- Rules in force that accept packets from everybody. words: the rule in lower case, with blanks
-- for brackets and commas. Rules that cannot be told are taken to accept everything.
CREATE VIEW firewall_accepts AS
WITH texts AS (
SELECT r.backend, r.file, r.origin = 'kernel' AND r.backend = 'nftables' AS live,
       CASE WHEN r.origin = 'kernel' AND r.backend = 'nftables' THEN rtrim(r.text, char(10))
            ELSE replace(replace(replace(replace(r.text, '\', '/'), '"', ' '), char(9), ' '),
                         char(13), ' ') END AS text
  FROM firewall_ruleset r, host_info h
 WHERE r.enabled = 1 AND (h.live = 0 OR r.origin = 'kernel')),
sets AS (
SELECT *, CASE live WHEN 1 THEN text LIKE '%]}'
               ELSE text NOT GLOB '*[' || char(1) || '-' || char(8) || char(11) || '-' || char(31)
                                  || ']*' END AS whole
  FROM texts),
rules AS (
SELECT backend, file, substr(j.value, 1, instr(j.value || '#', '#') - 1) AS rule
  FROM sets
  JOIN json_each(CASE WHEN whole THEN '["' || replace(replace(text, ';', '","'), char(10), '","')
                                      || '"]' ELSE '[]' END) j
 WHERE NOT live
UNION ALL
SELECT backend, file, replace(substr(j.value, instr(j.value, '"expr"')), ':', ' ')
  FROM sets JOIN json_each(CASE WHEN whole THEN text ELSE '{}' END, '$.nftables') j
 WHERE live AND j.value LIKE '{"rule":%'
UNION ALL
SELECT backend, file, 'accept' FROM sets WHERE NOT whole),
words AS (
SELECT file, trim(rule) AS rule,
       CASE WHEN backend = 'firewalld' AND (rule LIKE '%<service %' OR rule LIKE '%<port %')
            THEN ' dport ' || replace(replace(replace(lower(rule), '"', ' '), '=', ' '), '/', ' ')
                 || ' accept '
            ELSE ' ' || replace(replace(replace(replace(replace(replace(replace(replace(lower(rule),
                        '"', ' '), '{', ' '), '}', ' '), '[', ' '), ']', ' '), ',', ' '),
                        '  ', ' '),
                        '  ', ' ') || ' ' END AS words
  FROM rules WHERE rule LIKE '%accept%' OR rule LIKE '%vmap%' OR backend = 'firewalld')
SELECT file, rule, words,
       words NOT LIKE '%dport%' OR words LIKE '% vmap %' OR words LIKE '%dport%!%'
       OR words GLOB '*dport*[@$]*' AS any_port
  FROM words
 WHERE (words LIKE '% accept %' OR words LIKE '% vmap %' OR words LIKE '% -j ufw%-limit-accept %')
   AND words NOT LIKE '% policy %' AND trim(words) NOT LIKE ':%'
   AND NOT ((words LIKE '% saddr %' OR words LIKE '% -s %' OR words LIKE '% --source %')
            AND words NOT LIKE '%!%' AND words NOT LIKE '% 0.0.0.0/0 %'
            AND words NOT LIKE '% ::/0 %')
   AND NOT (words LIKE '% established %' AND words NOT LIKE '% new %')
   AND words NOT LIKE '%icmp%' AND words NOT LIKE '% igmp %' AND words NOT LIKE '% -o %'
   AND words NOT LIKE '% oif%' AND words NOT LIKE '% iif% lo %' AND words NOT LIKE '% -i lo %'
   AND words NOT LIKE '% iif% wg%' AND words NOT LIKE '% iif% tun%' AND words NOT LIKE '% -i wg%'
   AND words NOT LIKE '% -i tun%' AND words NOT LIKE '% iif% docker%'
   AND words NOT LIKE '% -a output %' AND words NOT LIKE '% -a forward %'
   AND words NOT LIKE '% -a ufw%-output %' AND words NOT LIKE '% -a ufw%-forward %'
   AND words NOT LIKE '% -a ufw-user-limit-accept %'
   AND words NOT LIKE '% -a ufw6-user-limit-accept %';

-- Services as they are configured: listens is 1 when they are started at boot or run already, on
-- an address that others reach; reachable unless the firewall drops what it does not know.
CREATE VIEW network_services AS
SELECT n.*, n.listens AND NOT (SELECT min(shut) FROM firewall_input) AS reachable
  FROM (SELECT service, protocol, address, port, authentication, package,
               service || ' ' || protocol || ' port ' || port AS resource,
               loopback = 0 AND enabled = 1
               OR EXISTS (SELECT 1 FROM listening_ports p
                           WHERE p.protocol = e.protocol AND p.port = e.port AND p.loopback = 0)
               AS listens,
               CASE WHEN file = '' THEN 'default of ' || service
                    WHEN line = 0 THEN file ELSE file || ':' || line END
               || ': ' || service || ' listens on ' || address || ':' || port
               || CASE authentication WHEN '' THEN '' WHEN 'none' THEN ' and asks for no password'
                       ELSE ' (' || authentication || ')' END AS evidence
          FROM expected_listeners e) n;

-- Ports on which others can connect as far as the sockets decide: configured, or found open.
CREATE VIEW open_sockets AS
SELECT protocol, port, service, authentication, package, evidence
  FROM network_services WHERE listens
UNION ALL
SELECT protocol, port, process, '', package,
       CASE path WHEN '' THEN process ELSE path END || ' (process ' || pid || ') listens on '
       || address || ':' || port
  FROM listening_ports p
 WHERE loopback = 0
   AND NOT EXISTS (SELECT 1 FROM expected_listeners e
                    WHERE e.protocol = p.protocol AND e.port = p.port AND e.loopback = 0);

-- Ranges of ports in these rules; mark: how the rule writes it.
CREATE VIEW firewall_ranges AS
SELECT CAST(w.value AS INTEGER) AS low,
       CAST(substr(w.value, 1 + max(instr(w.value, '-'), instr(w.value, ':'))) AS INTEGER) AS high,
       ' ' || w.value || ' ' AS mark
  FROM firewall_accepts a
  JOIN json_each('["' || replace(a.words, ' ', '","') || '"]') w
 WHERE w.value GLOB '[0-9]*[-:][0-9]*' AND w.value NOT GLOB '*[^0-9:-]*'
UNION
SELECT CAST(substr(t.value, 2) AS INTEGER),
       CAST(substr(t.value, 1 + instr(t.value, ',')) AS INTEGER),
       ' range ' || replace(substr(t.value, 2, length(t.value) - 2), ',', ' ') || ' '
  FROM firewall_ruleset r
  JOIN json_tree(CASE WHEN rtrim(r.text, char(10)) LIKE '%]}' THEN r.text ELSE '[]' END) t
 WHERE r.origin = 'kernel' AND r.backend = 'nftables' AND t.key = 'range' AND t.type = 'array';

-- The same with what lets everybody in; why is NULL where the firewall opens the port to nobody, or
-- to some addresses only.
CREATE VIEW open_ports AS
SELECT o.*, CASE
       WHEN NOT EXISTS (SELECT 1 FROM firewall_in_force) THEN 'no firewall'
       WHEN (SELECT min(shut) FROM firewall_input) = 0 THEN 'the firewall drops nothing by itself'
       ELSE (SELECT a.file || ': ' || substr(a.rule, 1, 200) FROM firewall_accepts a
              WHERE a.any_port OR a.words LIKE '% ' || o.port || ' %'
                 OR a.words LIKE '% ' || (SELECT name FROM known_ports k
                                           WHERE k.port = o.port) || ' %'
                 OR EXISTS (SELECT 1 FROM firewall_ranges r
                             WHERE o.port BETWEEN r.low AND r.high AND instr(a.words, r.mark) > 0))
       END AS why
  FROM open_sockets o;

-- What listens on a well-known port; management is 1 where the machine is steered by it.
CREATE VIEW known_ports AS
SELECT column1 AS port, column2 AS name, column3 AS management FROM (VALUES
(21, 'ftp', 0), (22, 'ssh', 1), (23, 'telnet', 1), (25, 'smtp', 0), (53, 'domain', 0),
(69, 'tftp', 0), (80, 'http', 0), (111, 'sunrpc', 0), (135, 'epmap', 0), (137, 'netbios-ns', 0),
(139, 'netbios-ssn', 0), (161, 'snmp', 0), (389, 'ldap', 0), (443, 'https', 0),
(445, 'microsoft-ds', 0), (512, 'exec', 1), (513, 'login', 1), (514, 'shell', 1),
(623, 'asf-rmcp', 1), (873, 'rsync', 0), (1433, 'ms-sql-s', 0), (1521, 'oracle', 0),
(1883, 'mqtt', 0), (2049, 'nfs', 0), (2181, 'zookeeper', 0), (2375, 'docker', 1),
(2376, 'docker', 1), (2377, 'swarm', 1), (2379, 'etcd', 0), (2380, 'etcd', 0), (3128, 'squid', 0),
(3306, 'mysql', 0), (3389, 'ms-wbt-server', 1), (3632, 'distcc', 0), (4369, 'epmd', 0),
(4444, 'backdoor', 0), (5432, 'postgresql', 0), (5601, 'kibana', 0), (5666, 'nrpe', 0),
(5672, 'amqp', 0), (5900, 'vnc', 1), (5901, 'vnc', 1), (5902, 'vnc', 1), (5984, 'couchdb', 0),
(5985, 'wsman', 1), (5986, 'wsmans', 1), (6000, 'x11', 1), (6379, 'redis', 0), (6443, 'kube', 1),
(8006, 'proxmox', 1), (8009, 'ajp', 0), (8086, 'influxdb', 0), (8500, 'consul', 0),
(8983, 'solr', 0), (9042, 'cassandra', 0), (9090, 'cockpit', 1), (9092, 'kafka', 0),
(9100, 'node-exporter', 0), (9200, 'elasticsearch', 0), (9300, 'elasticsearch', 0),
(10000, 'webmin', 1), (10050, 'zabbix-agent', 0), (10250, 'kubelet', 1), (10255, 'kubelet', 1),
(11211, 'memcached', 0), (15672, 'rabbitmq', 1), (27017, 'mongodb', 0), (27018, 'mongodb', 0));

-- sshd, where it is installed: exposed is 1 when others than the machine itself reach it.
CREATE VIEW ssh_server AS
SELECT version, config_file, ports,
       EXISTS (SELECT 1 FROM open_sockets s
                WHERE s.service = 'sshd' OR s.package IN ('openssh-server', 'openssh')) AS exposed
  FROM sshd_info WHERE installed = 1;

-- Settings of sshd that decide about logins, as they hold for some account or address: which
-- block decides, where it stands, whether others reach it. Blocks that never apply are left out.
CREATE VIEW ssh_settings AS
SELECT DISTINCT e.keyword, e.value, CASE e.username WHEN 'root' THEN 'root' ELSE '' END AS username,
       CASE e.match_block WHEN '' THEN 'sshd' ELSE 'sshd Match ' || e.match_block END AS scope,
       CASE e.file WHEN '' THEN 'default of sshd ' || s.version
                   ELSE e.file || ':' || e.line END || ': ' || e.keyword || ' ' || e.value
       || CASE e.match_block WHEN '' THEN '' ELSE ' (Match ' || e.match_block || ')' END
       AS evidence,
       s.exposed
  FROM sshd_effective e, ssh_server s
 WHERE e.address NOT LIKE '127.%';

-- All settings of sshd, one row a Match block that has it.
CREATE VIEW ssh_globals AS
SELECT c.keyword, c.value,
       CASE c.match_block WHEN '' THEN 'sshd' ELSE 'sshd Match ' || c.match_block END AS scope,
       CASE c.file WHEN '' THEN 'default of sshd ' || s.version
                   ELSE c.file || ':' || c.line END || ': ' || c.keyword || ' ' || c.value
       || CASE c.match_block WHEN '' THEN '' ELSE ' (Match ' || c.match_block || ')' END
       AS evidence,
       s.exposed
  FROM sshd_config c, ssh_server s;

CREATE VIEW ssh_allow_lists AS
SELECT keyword, value, file, line FROM sshd_config
 WHERE keyword IN ('allowusers', 'allowgroups') AND value <> '' AND match_block = '';

-- Accounts that log in over ssh with a password alone.
CREATE VIEW ssh_password_logins AS
SELECT username, uid, deciding FROM ssh_access
 WHERE allowed = 1 AND (password = 1 OR kbdint = 1) AND second_factor = 0;

-- When the facts were collected (UNIX time), to judge ages by.
CREATE VIEW moment AS
SELECT CAST(value AS INTEGER) AS now FROM holdfast_meta WHERE key = 'collected_at';

-- Programs through which people log in, as far as others reach them.
CREATE VIEW exposed_logins AS
SELECT service LIKE 'sshd%' OR EXISTS (
         SELECT 1 FROM sshd_info WHERE ',' || ports || ',' LIKE '%,' || port || ',%') AS ssh,
       service, port, evidence
  FROM exposed_services
 WHERE protocol = 'tcp'
   AND (service LIKE 'sshd%'
        OR port IN (21, 22, 23, 110, 143, 512, 513, 993, 995, 3389, 5900, 9090, 10000)
        OR EXISTS (SELECT 1 FROM sshd_info WHERE ',' || ports || ',' LIKE '%,' || port || ',%'));

-- Accounts whose password a stranger may try: through sshd, or another exposed login service.
CREATE VIEW guessable_accounts AS
SELECT username FROM ssh_access
 WHERE allowed = 1 AND second_factor = 0 AND (password = 1 OR kbdint = 1)
   AND EXISTS (SELECT 1 FROM exposed_logins WHERE ssh)
UNION
SELECT username FROM users
 WHERE interactive = 1 AND EXISTS (SELECT 1 FROM exposed_logins WHERE NOT ssh)
   AND username IN (SELECT username FROM shadow WHERE password_status IN ('set', 'empty'));

-- Accounts that are root, or become it by their own means.
CREATE VIEW administrators AS
SELECT username, 'has uid 0' AS how FROM users WHERE uid = 0
UNION ALL
SELECT username, 'is in group ' || groupname FROM user_groups
 WHERE groupname IN ('sudo', 'wheel', 'admin', 'docker', 'lxd', 'incus', 'incus-admin', 'libvirt',
                     'disk')
UNION ALL
SELECT user, file || ':' || line || ' may run everything by sudo' FROM sudo_rules
 WHERE all_commands = 1 AND negated = 0 AND substr(user, 1, 1) NOT IN ('%', '+', '#');

-- Accounts of programs: nobody should log in with them.
CREATE VIEW service_accounts AS
SELECT username, uid, shell, interactive, file, line FROM users
 WHERE uid BETWEEN 1 AND 999 OR uid = 65534
    OR lower(username) IN ('nagios', 'icinga', 'zabbix', 'oracle', 'postgres', 'pgsql', 'mysql',
       'mariadb', 'mongodb', 'redis', 'elasticsearch', 'git', 'gitlab', 'svn', 'backup', 'bacula',
       'tomcat', 'jboss', 'wildfly', 'www', 'www-data', 'apache', 'httpd', 'nginx', 'ftp',
       'ftpuser', 'hadoop', 'spark', 'kafka', 'jenkins', 'teamcity', 'teamspeak', 'ts3',
       'minecraft', 'asterisk', 'vnc', 'sftp', 'rsync', 'mail', 'postfix', 'squid', 'docker',
       'ansible-runner', 'solr', 'weblogic', 'db2inst1', 'informix', 'sap');

-- The effective password policy in one form.
CREATE VIEW policy AS
SELECT name, value, CAST(value AS INTEGER) AS number,
       CASE WHEN file = '' THEN 'default: ' ELSE file || ':' || line || ' ' END
         || name || ' ' || value AS evidence
  FROM password_policy;

-- Applications: exposed when the service, or for what web servers serve a web server, listens for
-- others.
CREATE VIEW application_state AS
SELECT a.name, a.version, a.eol_date, a.critical_fixed, a.critical_cve,
       CASE a.path WHEN '' THEN 'package ' || a.package ELSE a.path END AS place,
       a.name IN ('wordpress', 'drupal', 'joomla', 'typo3', 'magento', 'phpmyadmin', 'phpbb',
                  'mediawiki', 'moodle', 'nextcloud', 'owncloud', 'prestashop', 'roundcube',
                  'phpunit', 'adminer') AS web,
       EXISTS (SELECT 1 FROM open_sockets s
                WHERE s.service = a.name
                   OR s.service IN ('nginx', 'apache', 'lighttpd', 'caddy', 'tomcat')
                      AND a.name NOT IN (SELECT service FROM expected_listeners)) AS exposed
  FROM applications a;
-- Servers of the time before ssh.
