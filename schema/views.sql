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
                'rsh-server', 'rsh-redone-server', 'rwhod', 'rusersd',
                'tftpd', 'tftpd-hpa', 'atftpd', 'tftp-server', 'talkd', 'inetutils-talkd',
                'talk-server', 'fingerd', 'efingerd', 'cfingerd', 'finger-server', 'ypserv');

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

-- Services as they are configured: listens is 1 when they are started at boot or run already, on
-- an address that others reach; inner: on a private address alone. Reachable as the firewall
-- decides; not known for private addresses, which clouds make public.
CREATE VIEW network_services AS
SELECT n.*, CASE WHEN NOT n.listens OR (SELECT max(coalesce(e.internet, 1)) FROM exposure e
                                         WHERE e.protocol = n.protocol AND e.port = n.port) = 0
                 THEN 0 WHEN n.inner THEN NULL ELSE 1 END AS reachable
  FROM (SELECT service, protocol, address, port, authentication, package,
               service || ' ' || protocol || ' port ' || port AS resource,
               loopback = 0 AND enabled = 1
               OR EXISTS (SELECT 1 FROM listening_ports p
                           WHERE p.protocol = e.protocol AND p.port = e.port AND p.loopback = 0)
               AS listens,
               address LIKE '10.%' OR address LIKE '192.168.%' OR address LIKE '169.254.%'
               OR address GLOB '172.1[6-9].*' OR address GLOB '172.2[0-9].*'
               OR address GLOB '172.3[01].*' OR address GLOB '100.6[4-9].*'
               OR address GLOB '100.[7-9][0-9].*' OR address GLOB '100.1[01][0-9].*'
               OR address GLOB '100.12[0-7].*' OR address GLOB 'f[cd]??:*'
               OR address GLOB 'fe80:*' AS inner,
               CASE WHEN file = '' THEN 'default of ' || service
                    WHEN line = 0 THEN file ELSE file || ':' || line END
               || ': ' || service || ' listens on ' || address || ':' || port
               || CASE authentication WHEN '' THEN '' WHEN 'none' THEN ' and asks for no password'
                       ELSE ' (' || authentication || ')' END AS evidence
          FROM expected_listeners e) n;

-- Ports on which others can connect as far as the sockets decide: configured, or found open.
CREATE VIEW open_sockets AS
SELECT protocol, port, service, authentication, inner, package, evidence
  FROM network_services WHERE listens
UNION ALL
SELECT protocol, port, process, '', 0, package,
       CASE path WHEN '' THEN process ELSE path END || ' (process ' || pid || ') listens on '
       || address || ':' || port
  FROM listening_ports p
 WHERE loopback = 0
   AND NOT EXISTS (SELECT 1 FROM expected_listeners e
                    WHERE e.protocol = p.protocol AND e.port = p.port AND e.loopback = 0);

-- The same with what lets the internet in; why is NULL where the firewall opens the port to none
-- of it, or to a network that somebody named.
CREATE VIEW open_ports AS
SELECT o.*, (SELECT CASE WHEN e.wide IS NULL THEN 'it cannot be told who reaches it: '
                              || coalesce(nullif(e.rule, ''), e.reason)
                         WHEN e.rule <> '' THEN e.rule
                         WHEN EXISTS (SELECT 1 FROM firewall_in_force)
                         THEN 'the firewall drops nothing by itself' ELSE 'no firewall' END
               FROM exposure e
              WHERE e.protocol = o.protocol AND e.port = o.port AND e.wide IS NOT 0
              ORDER BY e.wide DESC LIMIT 1) AS why
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

-- What programs and services serve, by the names of known_ports: another port changes nothing.
CREATE VIEW service_names AS
SELECT column1 AS service, column2 AS name FROM (VALUES
('sshd', 'ssh'), ('dropbear', 'ssh'), ('tinysshd', 'ssh'), ('xrdp', 'ms-wbt-server'),
('Xvnc', 'vnc'), ('x11vnc', 'vnc'), ('vncserver', 'vnc'), ('vino-server', 'vnc'), ('vnc', 'vnc'),
('telnetd', 'telnet'), ('in.telnetd', 'telnet'), ('dockerd', 'docker'), ('docker', 'docker'),
('kubelet', 'kubelet'), ('kube-apiserver', 'kube'), ('k3s-server', 'kube'), ('webmin', 'webmin'),
('miniserv.pl', 'webmin'), ('cockpit', 'cockpit'), ('cockpit-ws', 'cockpit'),
('pveproxy', 'proxmox'), ('vsftpd', 'ftp'), ('proftpd', 'ftp'), ('pure-ftpd', 'ftp'),
('tftpd', 'tftp'), ('in.tftpd', 'tftp'), ('rpcbind', 'sunrpc'), ('smbd', 'microsoft-ds'),
('samba', 'microsoft-ds'), ('nmbd', 'netbios-ns'), ('snmpd', 'snmp'), ('slapd', 'ldap'),
('rsync', 'rsync'), ('rsyncd', 'rsync'), ('mysqld', 'mysql'), ('mariadbd', 'mysql'),
('mysql', 'mysql'), ('postgres', 'postgresql'), ('postgresql', 'postgresql'),
('redis-server', 'redis'), ('redis', 'redis'), ('valkey-server', 'redis'), ('mongod', 'mongodb'),
('mongodb', 'mongodb'), ('memcached', 'memcached'), ('elasticsearch', 'elasticsearch'),
('opensearch', 'elasticsearch'), ('kibana', 'kibana'), ('couchdb', 'couchdb'), ('etcd', 'etcd'),
('cassandra', 'cassandra'), ('influxd', 'influxdb'), ('influxdb', 'influxdb'), ('solr', 'solr'),
('mosquitto', 'mqtt'), ('rabbitmq', 'amqp'), ('beam.smp', 'amqp'), ('squid', 'squid'),
('nfsd', 'nfs'), ('nfs', 'nfs'), ('zookeeper', 'zookeeper'), ('kafka', 'kafka'),
('distccd', 'distcc'), ('epmd', 'epmd'), ('nrpe', 'nrpe'), ('zabbix_agentd', 'zabbix-agent'),
('zabbix-agent', 'zabbix-agent'), ('node_exporter', 'node-exporter'), ('consul', 'consul'),
('nginx', 'http'), ('apache2', 'http'), ('apache', 'http'), ('httpd', 'http'), ('caddy', 'http'),
('lighttpd', 'http'), ('haproxy', 'http'), ('traefik', 'http'), ('exim4', 'smtp'),
('postfix', 'smtp'), ('master', 'smtp'), ('sendmail', 'smtp'), ('named', 'domain'),
('bind', 'domain'), ('unbound', 'domain'), ('nsd', 'domain'), ('knotd', 'domain'));

-- How bad it is when the internet reaches what listens there.
CREATE VIEW port_severity AS
SELECT port, name, management,
       CASE WHEN name = 'ssh' THEN 'high' WHEN management THEN 'critical'
            WHEN name IN ('http', 'https', 'smtp', 'domain') THEN 'info'
            WHEN name IN ('sunrpc', 'nrpe', 'zabbix-agent', 'node-exporter') THEN 'medium'
            ELSE 'critical' END AS severity
  FROM known_ports;
CREATE VIEW service_severity AS
SELECT DISTINCT s.service, p.severity, p.name, p.management
  FROM service_names s JOIN port_severity p ON p.name = s.name;

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

-- Ports by which people log in, by the names of logins.door, and who reaches them.
CREATE VIEW login_ports AS
SELECT n.door, e.port, e.protocol, e.address, e.internet, e.wide, e.reachable_from, e.perhaps_from,
       CASE WHEN e.rule <> '' THEN e.rule WHEN e.reason <> '' THEN e.reason
            WHEN e.internet = 1 THEN 'no rule keeps the internet out' ELSE '' END AS rule
  FROM exposure e
  JOIN (SELECT column1 AS door, column2 AS service, column3 AS port FROM (VALUES
        ('sshd', 'sshd', 22), ('cockpit', 'cockpit', 9090), ('cockpit', 'cockpit-ws', 9090),
        ('cockpit', 'cockpit-tls', 9090), ('xrdp', 'xrdp', 3389), ('vsftpd', 'vsftpd', 21),
        ('proftpd', 'proftpd', 21), ('pureftpd', 'pureftpd', 21), ('pureftpd', 'pure-ftpd', 21),
        ('samba', 'samba', 445), ('samba', 'smbd', 445), ('postgresql', 'postgresql', 5432),
        ('postgresql', 'postgres', 5432), ('mysql', 'mysql', 3306), ('mysql', 'mysqld', 3306),
        ('mysql', 'mariadbd', 3306))) n
    ON n.service IN (e.service, e.process)
       OR e.port = n.port AND e.service = '' AND e.process IN ('', 'systemd')
 WHERE e.protocol = 'tcp'
 GROUP BY n.door, e.port, e.protocol, e.address;

-- The same a door: internet is NULL when it cannot be told, 0 where nothing listens.
CREATE VIEW door_reach AS
SELECT door, CASE WHEN max(internet) = 1 THEN 1 WHEN count(*) > count(internet) THEN NULL
                  ELSE 0 END AS internet,
       max(wide) AS wide, group_concat(reachable_from, ' ') AS reachable_from,
       group_concat(perhaps_from, ' ') AS perhaps_from,
       protocol || '/' || group_concat(DISTINCT port) AS ports, max(rule) AS rule
  FROM login_ports GROUP BY door;

-- Ways into accounts with what reaches their doors. internet is 1 when somebody on the internet may
-- use it, NULL when that cannot be told.
CREATE VIEW account_doors AS
SELECT l.*, CASE WHEN l.door = 'console' OR l.internet = 0 THEN 0 WHEN r.door IS NULL THEN 0
                 ELSE r.internet END AS reachable,
       r.wide, r.reachable_from, r.perhaps_from, r.ports, r.rule,
       l.means LIKE '%password%' OR l.means LIKE '%kbdint%' OR l.means LIKE '%nothing%'
       AS by_password
  FROM logins l LEFT JOIN door_reach r ON r.door = l.door;

-- Accounts that can log in from outside, and whether they could when this machine was looked at last.
CREATE VIEW login_history AS
SELECT l.username, coalesce(k.first_seen, m.now) AS first_seen,
       CASE WHEN k.username IS NULL THEN EXISTS (SELECT 1 FROM known_logins)
            ELSE k.first_seen > k.baseline AND k.first_seen > m.now - 7 * 86400 END AS fresh
  FROM (SELECT DISTINCT username FROM logins WHERE door <> 'console') l
  LEFT JOIN known_logins k ON k.username = l.username, moment m;

-- Accounts of directories that would be let in: they cannot be listed here. Allow lists of sshd that
-- name nobody but local accounts and groups keep them out.
CREATE VIEW domain_doors AS
SELECT CASE d.access WHEN 'any' THEN 'any account' WHEN 'filter' THEN 'accounts that ' || d.allowed
            || ' lets in' ELSE d.allowed END
       || CASE d.denied WHEN '' THEN '' ELSE ' but ' || d.denied END
       || CASE d.domain WHEN '' THEN ' of ' || d.provider ELSE ' of the domain ' || d.domain END
       AS who,
       p.door,
       CASE WHEN p.door = 'console' THEN 'password' ELSE (
         SELECT group_concat(CASE keyword WHEN 'passwordauthentication' THEN 'password'
                             WHEN 'kbdinteractiveauthentication' THEN 'kbdint'
                             WHEN 'pubkeyauthentication' THEN 'key' ELSE 'gssapi' END)
           FROM sshd_effective
          WHERE username = '*' AND address = '203.0.113.1' AND value = 'yes' AND local = ''
            AND keyword IN ('passwordauthentication', 'kbdinteractiveauthentication',
                            'pubkeyauthentication', 'gssapiauthentication')) END AS means,
       d.file || CASE d.line WHEN 0 THEN '' ELSE ':' || d.line END || ' ' || d.provider || ' '
       || d.access AS evidence,
       CASE p.door WHEN 'console' THEN 0
            ELSE CASE WHEN EXISTS (SELECT 1 FROM door_reach WHERE door = 'sshd')
                      THEN (SELECT internet FROM door_reach WHERE door = 'sshd') ELSE 0 END
       END AS reachable
  FROM domain_access d
  JOIN (SELECT 'sshd' AS door UNION ALL SELECT 'console') p
 WHERE d.active = 1 AND d.pam = 1 AND d.access <> 'none'
   AND (p.door = 'console'
        OR EXISTS (SELECT 1 FROM sshd_info WHERE installed = 1)
           AND NOT EXISTS (
             SELECT 1 FROM ssh_allow_lists a WHERE a.keyword = 'allowusers'
              GROUP BY a.keyword
             HAVING min(a.value IN (SELECT username FROM users)) = 1)
           AND NOT EXISTS (
             SELECT 1 FROM ssh_allow_lists a WHERE a.keyword = 'allowgroups'
              GROUP BY a.keyword
             HAVING min(a.value IN (SELECT groupname FROM groups)) = 1));

-- Roles of databases with what reaches them.
CREATE VIEW database_doors AS
SELECT d.username || ' (' || d.door || ')' AS who, d.*,
       CASE WHEN d.internet = 0 OR r.door IS NULL THEN 0 ELSE r.internet END AS reachable,
       r.wide, coalesce(nullif(r.reachable_from, ''), r.perhaps_from) AS sources, r.ports, r.rule
  FROM database_logins d LEFT JOIN door_reach r ON r.door = d.door;

-- Account names that robots try.
CREATE VIEW predictable_names AS
SELECT column1 AS name FROM (VALUES
('admin'), ('administrator'), ('adm'), ('user'), ('user1'), ('test'), ('test1'), ('testuser'),
('guest'), ('demo'), ('oracle'), ('ftp'), ('ftpuser'), ('ubuntu'), ('debian'), ('centos'),
('ec2-user'), ('azureuser'), ('azureadmin'), ('fedora'), ('pi'), ('vagrant'), ('dev'),
('developer'), ('deploy'), ('deployer'), ('support'), ('info'), ('web'), ('webmaster'), ('www'),
('git'), ('postgres'), ('mysql'), ('nagios'), ('zabbix'), ('jenkins'), ('hadoop'), ('tomcat'),
('student'), ('operator'), ('sysadmin'), ('service'), ('backup'), ('ansible'), ('docker'),
('minecraft'), ('steam'), ('ts3'), ('default'), ('toor'), ('root'));

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

-- What backups save, without a slash at the end; '' is all of the machine.
CREATE VIEW backup_saved AS
WITH RECURSIVE words(path, rest) AS (
  SELECT '', paths || ' ' FROM backups WHERE kind IN ('scheduled', 'result') AND paths <> ''
  UNION ALL
  SELECT rtrim(substr(rest, 1, instr(rest, ' ') - 1), '/'), substr(rest, instr(rest, ' ') + 1)
    FROM words WHERE rest <> '')
SELECT DISTINCT path FROM words WHERE path <> ''
UNION
SELECT '' FROM backups
 WHERE (' ' || paths || ' ' LIKE '% / %' AND kind IN ('scheduled', 'result'))
    OR (kind = 'agent' AND tool IN ('azure-backup', 'veeam', 'urbackup'))
    OR tool = 'timeshift';

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

-- Components with the number of processes that run or may load them, and whether the internet
-- reaches one of those (1: it does, or that cannot be told; 0; NULL: none of them listens).
CREATE VIEW component_state AS
SELECT c.*,
       (SELECT count(DISTINCT p.pid) FROM component_processes p WHERE p.component = c.id)
         AS processes,
       (SELECT max(e.internet IS NOT 0) FROM component_processes p JOIN exposure e USING (pid)
         WHERE p.component = c.id) AS internet
  FROM components c;

-- What is known of flaws in components: by advisories, and what every copy of Holdfast knows.
CREATE VIEW component_flaws AS
SELECT v.component, v.id, v.advisory, v.ecosystem, v.severity, v.cvss, v.score,
       v.kev OR v.id = coalesce(c.critical_cve, '') AS kev, v.ransomware, v.epss, v.fixed, v.status
  FROM component_vulnerabilities v JOIN components c ON c.id = v.component
 WHERE v.id <> 'CVE-2021-44228' OR c.evidence NOT LIKE '%without JndiLookup.class'
UNION ALL
SELECT c.id, c.critical_cve, '', c.ecosystem, 'critical', '', 0, 1, 0, NULL, c.critical_fixed,
       'affected'
  FROM components c
 WHERE c.critical_cve <> ''
   AND NOT EXISTS (SELECT 1 FROM component_vulnerabilities v
                    WHERE v.component = c.id AND v.id = c.critical_cve);

-- What is known of flaws in components and whether they can be used here, in the words of
-- CycloneDX: what no process runs cannot be reached, which only a running machine tells.
CREATE VIEW vex AS
WITH states AS (
  SELECT k.component, k.id AS cve, k.fixed, k.severity, k.cvss, k.score, k.kev, c.purl, c.version,
         c.path, c.processes, c.internet, live, 0 AS absent
    FROM component_flaws k JOIN component_state c ON c.id = k.component,
         (SELECT EXISTS (SELECT 1 FROM collector_status
                          WHERE name = 'component_processes' AND status = 'ok') AS live)
  UNION ALL
  SELECT id, 'CVE-2021-44228', '2.17.1', 'critical', '', 0, 1, purl, version, path, 0, NULL, 0, 1
    FROM components
   WHERE name = 'org.apache.logging.log4j:log4j-core' AND evidence LIKE '%without JndiLookup.class')
SELECT cve, purl, version, fixed, path, severity, cvss, score, kev,
       CASE WHEN absent THEN 'not_affected' WHEN internet THEN 'exploitable'
            WHEN processes > 0 OR NOT live THEN 'in_triage' ELSE 'not_affected' END AS state,
       CASE WHEN absent THEN 'code_not_present'
            WHEN processes = 0 AND live THEN 'code_not_reachable' ELSE '' END AS justification,
       CASE WHEN absent THEN 'JndiLookup.class was taken out of the archive'
            WHEN internet THEN 'a process that runs it can be reached from the internet'
            WHEN processes > 0 THEN 'processes run it, the internet reaches none of them directly'
            WHEN live THEN 'no process ran it when the machine was looked at'
            ELSE 'whether a process runs it cannot be told of a machine that does not run' END
         AS detail
  FROM states;

-- Ranges of ports of Azure's machines: wide open ones, or perhaps so, are doors. management: a port
-- by which machines are steered is among them; other: one that is not for the web or mail.
CREATE VIEW azure_doors AS
SELECT CASE e.kind WHEN 'nsg' THEN 'network security group ' ELSE 'machine ' END || e.name
       AS resource, e.wide IS NOT 0 AS door, e.evidence, e.fix,
       EXISTS (SELECT 1 FROM known_ports k
                WHERE k.management = 1 AND e.protocol = 'tcp'
                  AND k.port BETWEEN e.port_from AND e.port_to) AS management,
       e.port_from <> e.port_to
       OR NOT EXISTS (SELECT 1 FROM port_severity p
                       WHERE p.port = e.port_from
                         AND (p.management = 1 OR p.severity = 'info')) AS other
  FROM azure_exposure e;

-- Who talks to whom on this machine: now, or as web servers are told to pass requests on. What every
-- process talks to (systemd, dbus, the log) is no way on.
CREATE VIEW local_hops AS
SELECT DISTINCT client, server, name FROM local_sockets
 WHERE client > 0 AND name NOT GLOB '/run/systemd/*' AND name NOT GLOB '/run/dbus/*'
   AND name NOT GLOB '/run/user/*' AND name NOT GLOB '@*dbus*' AND name <> '/dev/log'
UNION
SELECT p.pid, s.server, s.name
  FROM (SELECT DISTINCT server AS web, value FROM web_server_config
         WHERE directive IN ('fastcgi_pass', 'proxy_pass', 'uwsgi_pass', 'scgi_pass', 'grpc_pass',
                             'memcached_pass', 'server', 'proxypass', 'proxypassmatch',
                             'sethandler', 'rewriterule', 'balancermember')) AS w
  JOIN (SELECT *, ':' || replace(name, rtrim(name, '0123456789'), '') AS port FROM local_sockets
         WHERE client = 0) s
    ON (s.kind = 'unix' AND s.name LIKE '/%' AND instr(w.value, s.name) > 0
        OR s.kind = 'tcp' AND (instr(w.value || '/', '127.0.0.1' || s.port || '/') > 0
                               OR instr(w.value || '/', 'localhost' || s.port || '/') > 0
                               OR instr(w.value || '/', '[::1]' || s.port || '/') > 0))
  JOIN processes p
    ON w.web = 'nginx' AND p.name = 'nginx' OR w.web = 'apache' AND p.name IN ('apache2', 'httpd');

-- Processes that the internet reaches, or may reach (internet is NULL): those that listen, and their
-- workers: the same program, started by it or in the same unit; and what those talk to, at most three
-- sockets on.
CREATE VIEW reached_processes AS
WITH doors AS MATERIALIZED (
SELECT e.pid, e.internet IS NOT NULL AS sure, e.protocol || '/' || e.port AS door
  FROM exposure e WHERE e.origin = 'live' AND e.internet IS NOT 0),
-- A process and those that are like it.
family AS MATERIALIZED (
SELECT a.pid AS of, p.pid
  FROM processes a JOIN processes p
    ON p.pid = a.pid OR p.path = a.path AND p.path <> ''
       AND (p.parent = a.pid OR p.unit = a.unit AND p.unit <> '')
 WHERE a.pid IN (SELECT pid FROM doors UNION SELECT server FROM local_hops)),
hops AS MATERIALIZED (
SELECT DISTINCT h.client, f.pid AS server, h.name, c.name AS caller
  FROM local_hops h JOIN family f ON f.of = h.server JOIN processes c ON c.pid = h.client),
l0 AS MATERIALIZED (
SELECT DISTINCT f.pid, d.sure, d.door, '' AS via, 0 AS hops FROM doors d JOIN family f ON f.of = d.pid),
l1 AS MATERIALIZED (
SELECT h.server AS pid, max(m.sure) AS sure, m.door,
       min(CASE m.via WHEN '' THEN '' ELSE m.via || ', ' END || h.caller || ' and ' || h.name) AS via,
       1 AS hops
  FROM l0 m JOIN hops h ON h.client = m.pid
 WHERE NOT EXISTS (SELECT 1 FROM l0 o WHERE o.pid = h.server AND o.door = m.door)
 GROUP BY h.server, m.door),
l2 AS MATERIALIZED (
SELECT h.server AS pid, max(m.sure) AS sure, m.door,
       min(CASE m.via WHEN '' THEN '' ELSE m.via || ', ' END || h.caller || ' and ' || h.name) AS via,
       2 AS hops
  FROM l1 m JOIN hops h ON h.client = m.pid
 WHERE NOT EXISTS (SELECT 1 FROM l1 o WHERE o.pid = h.server AND o.door = m.door)
 GROUP BY h.server, m.door),
l3 AS MATERIALIZED (
SELECT h.server AS pid, max(m.sure) AS sure, m.door,
       min(CASE m.via WHEN '' THEN '' ELSE m.via || ', ' END || h.caller || ' and ' || h.name) AS via,
       3 AS hops
  FROM l2 m JOIN hops h ON h.client = m.pid
 WHERE NOT EXISTS (SELECT 1 FROM l2 o WHERE o.pid = h.server AND o.door = m.door)
 GROUP BY h.server, m.door),
members AS (
SELECT * FROM l0 UNION ALL SELECT * FROM l1 UNION ALL SELECT * FROM l2 UNION ALL SELECT * FROM l3)
SELECT pid, nullif(sure, 0) AS internet, door, via, hops
  FROM (SELECT m.*, row_number() OVER (PARTITION BY pid ORDER BY sure DESC, hops, door) AS nth
          FROM members m)
 WHERE nth = 1;

-- Packages with what runs or maps them: one row a process, with how the internet reaches it. Of a
-- tree where nothing runs: the services that would be started.
CREATE VIEW used_packages AS
SELECT u.package, u.pid, p.name AS process, p.unit, u.path, u.how, u.stale, u.stale_path,
       CASE WHEN r.pid IS NULL THEN 0 ELSE r.internet END AS internet,
       coalesce(r.door, '') AS door, coalesce(r.via, '') AS via
  FROM process_packages u JOIN processes p ON p.pid = u.pid
  LEFT JOIN reached_processes r ON r.pid = u.pid
 WHERE u.package <> ''
UNION ALL
SELECT package, 0, 'kernel', '', path, 'runs', 0, '', 0, '', ''
  FROM kernels WHERE running = 1 AND package <> ''
UNION ALL
SELECT package, 0, service, unit, path, 'would run', 0, '', internet, protocol || '/' || port, ''
  FROM exposure WHERE origin = 'config' AND package <> '';

-- The same of components; what an interpreter would find need not be what it uses.
CREATE VIEW used_components AS
SELECT u.component, u.pid, p.name AS process, p.unit, c.path,
       CASE u.how WHEN 'search' THEN 'may load' ELSE 'runs' END AS how,
       CASE WHEN r.pid IS NULL THEN 0 ELSE r.internet END AS internet,
       coalesce(r.door, '') AS door, coalesce(r.via, '') AS via
  FROM component_processes u JOIN components c ON c.id = u.component
  JOIN processes p ON p.pid = u.pid LEFT JOIN reached_processes r ON r.pid = u.pid;

-- Serious flaws of components that a reached process runs, or may load (sure is 0).
CREATE VIEW exposed_components AS
SELECT u.component, u.pid, u.process, u.door, u.via, u.internet, u.how = 'runs' AS sure, c.name,
       c.version, c.path, f.id, f.kev, f.epss, f.score, f.fixed,
       CASE f.status WHEN 'malicious' THEN 'critical' ELSE f.severity END AS severity
  FROM used_components u JOIN component_flaws f USING (component)
  JOIN components c ON c.id = u.component
 WHERE u.internet IS NOT 0
   AND (f.kev = 1 OR f.epss >= 10000 OR f.severity IN ('critical', 'high') OR f.status = 'malicious')
   AND (f.kev = 1 OR f.status <> 'minor') AND f.cvss NOT LIKE '%AV:L%' AND f.cvss NOT LIKE '%AV:P%';

-- The ways in: internet -> port -> process -> package, account -> privilege. A node's parent is ''
-- for what the internet reaches by itself. certain is 0 where it cannot be told whether the
-- internet reaches the port. Attacks and intrusions that the guard told of hang at their doors.
CREATE VIEW path_nodes AS
WITH doors AS MATERIALIZED (
SELECT protocol || '/' || port || ' ' || address AS id, e.*,
       coalesce((SELECT name FROM service_severity WHERE service IN (e.service, e.process)),
                (SELECT name FROM port_severity WHERE port = e.port), '') AS name,
       coalesce((SELECT severity FROM service_severity WHERE service IN (e.service, e.process)),
                (SELECT severity FROM port_severity WHERE port = e.port), 'medium') AS severity
  FROM exposure e WHERE e.internet IS NOT 0),
servers AS (
SELECT id, id || ' process' AS server, coalesce(nullif(process, ''), nullif(service, '')) AS label,
       doors.* FROM doors WHERE process <> '' OR service <> ''),
doors_of AS (
SELECT column1 AS name, column2 AS door FROM (VALUES ('ssh', 'sshd'), ('cockpit', 'cockpit'),
       ('ms-wbt-server', 'xrdp'), ('ftp', 'vsftpd'), ('ftp', 'proftpd'), ('ftp', 'pureftpd'))),
-- A weak password behind an open port is the top of the list.
entries AS MATERIALIZED (
SELECT s.server, s.server || ' account ' || l.username AS id, l.username,
       replace(l.means, ',', ', ')
       || CASE WHEN l.second_factor = 1 THEN ' and a second factor' ELSE '' END
       || CASE WHEN l.session = 'none' AND l.tunnel = 1 THEN '; no session, but tunnels' ELSE '' END
       || CASE WHEN w.username IS NOT NULL AND l.second_factor = 0 AND l.means LIKE '%password%'
               THEN '; the password was guessed in ' || w.tries || ' tries' ELSE '' END
       || CASE WHEN l.deciding <> '' THEN ' (' || l.deciding || ')' ELSE '' END AS detail,
       CASE WHEN l.second_factor = 1 THEN 'low'
            WHEN l.means LIKE '%nothing%' THEN 'critical'
            WHEN l.means LIKE '%password%' OR l.means LIKE '%kbdint%'
            THEN CASE WHEN w.username IS NOT NULL THEN 'critical' ELSE 'high' END
            ELSE 'low' END AS severity
  FROM servers s JOIN doors_of d ON d.name = s.name
  JOIN logins l ON l.door = d.door AND l.internet = 1
  LEFT JOIN weak_passwords w ON w.username = l.username AND w.kind <> 'empty'
 GROUP BY s.server, l.username),
-- What a door leads to over local sockets, and what is out of date behind it.
behind AS MATERIALIZED (
SELECT r.door, p.name, min(r.via) AS via, count(*) AS n
  FROM reached_processes r JOIN processes p ON p.pid = r.pid
 WHERE r.hops > 0 GROUP BY r.door, p.name),
used AS MATERIALIZED (
SELECT DISTINCT package, door FROM used_packages WHERE internet IS NOT 0 AND door <> ''),
late AS MATERIALIZED (
SELECT u.door, count(*) AS n, substr(group_concat(p.name, ', '), 1, 200) AS names,
       max(EXISTS (SELECT 1 FROM vulnerabilities v
                    WHERE v.package = p.name AND v.kev = 1 AND v.update_version <> '')) AS kev
  FROM used u JOIN package_updates p ON p.name = u.package
 WHERE p.security = 1 AND p.state = 'missing' GROUP BY u.door),
flaws AS MATERIALIZED (
SELECT *, row_number() OVER (PARTITION BY door ORDER BY kev DESC, epss DESC, score DESC, id) AS nth
  FROM (SELECT door, id, max(kev) AS kev, max(epss) AS epss, max(score) AS score, min(severity) AS severity,
               max(sure) AS sure, min(place) || CASE WHEN count(*) > 1
               THEN ' and ' || (count(*) - 1) || ' more' ELSE '' END AS place
          FROM (SELECT u.door, v.id, v.kev, v.epss, v.score, v.severity, 1 AS sure,
                       v.package || ' ' || v.version AS place
                  FROM used u JOIN vulnerabilities v USING (package)
                 WHERE v.update_version = '' AND v.status <> 'minor'
                   AND (v.kev = 1 OR v.severity IN ('critical', 'high'))
                UNION ALL
                SELECT DISTINCT door, id, kev, epss, score, severity, sure, name || ' ' || version || ' of ' || path
                  FROM exposed_components)
         GROUP BY door, id)),
-- Who attacks: the worst alert of each address within a day (of intrusions: a week), at the door that it
-- is about where that is one of these.
attacks AS (
SELECT a.*, coalesce((SELECT s.server FROM servers s
                       WHERE a.rule LIKE 'ssh%' AND s.name = 'ssh'
                          OR a.rule LIKE 'web%' AND s.label IN ('nginx', 'apache2', 'httpd')
                       LIMIT 1), '') AS door,
       'attack ' || a.address AS id,
       row_number() OVER (ORDER BY a.worst DESC, a.time DESC, a.address) AS nth
  FROM (SELECT g.*, CASE g.level WHEN 'critical' THEN 3 WHEN 'high' THEN 2 ELSE 1 END AS worst,
               row_number() OVER (PARTITION BY g.address
                                  ORDER BY g.level = 'critical' DESC, g.level = 'high' DESC,
                                           g.time DESC) AS of_address
          FROM guard_alerts g, moment
         WHERE g.address <> '' AND g.level IN ('medium', 'high', 'critical')
           AND g.time > now - CASE g.level WHEN 'critical' THEN 7 ELSE 1 END * 86400) a
 WHERE of_address = 1)
SELECT '' AS parent, id, 'port' AS kind, protocol || '/' || port AS label,
       CASE WHEN internet IS NULL THEN 'perhaps: ' || coalesce(nullif(rule, ''), reason)
            WHEN rule <> '' THEN rule ELSE 'no rule keeps the internet out' END AS detail,
       CASE WHEN id || ' process' IN (SELECT server FROM entries WHERE severity = 'critical')
            THEN 'critical' ELSE severity END AS severity, internet IS NOT NULL AS certain
  FROM doors
UNION ALL
SELECT id, server, 'process', label,
       CASE WHEN authentication = 'none' THEN 'asks for no password' ELSE authentication END
       || CASE WHEN path <> '' THEN ' ' || path ELSE '' END
       || CASE WHEN unit <> '' THEN ' ' || unit ELSE '' END
       || CASE WHEN file <> '' THEN ' ' || file || CASE line WHEN 0 THEN '' ELSE ':' || line END
               ELSE '' END,
       CASE WHEN server IN (SELECT server FROM entries WHERE severity = 'critical')
            THEN 'critical' ELSE severity END, internet IS NOT NULL
  FROM servers
UNION ALL
SELECT s.server, s.server || ' package ' || p.name, 'package', p.name || ' ' || p.version,
       coalesce((SELECT a.critical_cve || ', fixed in ' || a.critical_fixed FROM applications a
                  WHERE a.critical_cve <> '' AND (a.package = p.name OR a.name = s.service)), ''),
       coalesce((SELECT 'critical' FROM applications a
                  WHERE a.critical_cve <> '' AND (a.package = p.name OR a.name = s.service)), 'info'),
       s.internet IS NOT NULL
  FROM servers s JOIN packages p ON p.name = s.package AND p.status = 'installed'
UNION ALL
SELECT s.server, s.server || ' behind ' || b.name, 'process', b.name,
       'through ' || b.via || CASE WHEN b.n > 1 THEN ', ' || b.n || ' processes' ELSE '' END,
       s.severity, s.internet IS NOT NULL
  FROM servers s JOIN behind b ON b.door = s.protocol || '/' || s.port
UNION ALL
SELECT s.server, s.server || ' updates', 'update',
       u.n || ' security update' || CASE u.n WHEN 1 THEN '' ELSE 's' END || ' missing',
       u.names || CASE u.kev WHEN 1 THEN '; one closes what is exploited' ELSE '' END,
       CASE u.kev WHEN 1 THEN 'critical' ELSE 'high' END, s.internet IS NOT NULL
  FROM servers s JOIN late u ON u.door = s.protocol || '/' || s.port
UNION ALL
SELECT s.server, s.server || ' ' || f.id, 'vulnerability', f.id,
       'in ' || f.place || CASE f.kev WHEN 1 THEN ', exploited' ELSE '' END
       || CASE f.sure WHEN 1 THEN '' ELSE ', which it may load' END || ', without an update',
       CASE f.kev WHEN 1 THEN 'critical' ELSE f.severity END,
       s.internet IS NOT NULL AND f.sure = 1
  FROM servers s JOIN flaws f ON f.door = s.protocol || '/' || s.port
 WHERE f.nth <= 3
UNION ALL
SELECT server, id, 'account', username, detail, severity, 1 FROM entries
UNION ALL
SELECT l.id, l.id || ' root ' || a.evidence, 'privilege', 'root',
       a.how || ' ' || a.detail || CASE a.why WHEN '' THEN '' ELSE ' (' || a.why || ')' END
       || CASE WHEN a.how = 'sudo' AND a.nopasswd = 1 THEN ' without a password' ELSE '' END
       || ': ' || a.evidence, l.severity, 1
  FROM entries l JOIN account_privileges a ON a.username = l.username AND a.usable = 1
UNION ALL
SELECT s.server, s.server || ' runs as ' || p.euid, 'account',
       coalesce((SELECT username FROM users u WHERE u.uid = p.euid LIMIT 1), p.euid),
       'the process runs as this account', CASE p.euid WHEN 0 THEN s.severity ELSE 'info' END,
       s.internet IS NOT NULL
  FROM servers s JOIN processes p ON p.pid = s.pid
 WHERE s.pid > 0 AND s.name <> 'ssh'
UNION ALL
SELECT '', 'azure ' || z.resource || ' ' || z.protocol || ' ' || z.port_from || '-' || z.port_to,
       'port', z.protocol || '/' || z.port_from
       || CASE WHEN z.port_to <> z.port_from THEN '-' || z.port_to ELSE '' END || ' on ' || z.name,
       CASE WHEN z.internet IS NULL THEN 'perhaps: ' || z.unknown ELSE z.evidence END,
       coalesce((SELECT p.severity FROM port_severity p
                  WHERE p.port BETWEEN z.port_from AND z.port_to
                  ORDER BY CASE p.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1
                                           WHEN 'medium' THEN 2 ELSE 3 END LIMIT 1), 'medium'),
       z.internet IS NOT NULL
  FROM azure_exposure z WHERE z.internet IS NOT 0
UNION ALL
SELECT 'azure ' || z.resource || ' ' || z.protocol || ' ' || z.port_from || '-' || z.port_to,
       'azure ' || z.resource || ' ' || z.protocol || ' ' || z.port_from || '-' || z.port_to
       || ' machine', 'machine', z.name, trim(v.os || ' ' || v.image || ' ' || v.power_state),
       'info', z.internet IS NOT NULL
  FROM azure_exposure z JOIN azure_vms v ON lower(v.id) = lower(z.resource)
 WHERE z.internet IS NOT 0
UNION ALL
SELECT 'azure ' || z.resource || ' ' || z.protocol || ' ' || z.port_from || '-' || z.port_to
       || ' machine', 'azure ' || z.resource || ' ' || z.protocol || ' ' || z.port_from || '-'
       || z.port_to || ' identity ' || i.kind || i.identity, 'account',
       i.kind || ' identity' || CASE i.identity WHEN '' THEN '' ELSE ' ' || i.identity END,
       'whoever runs code there acts as it', 'medium', z.internet IS NOT NULL
  FROM azure_exposure z JOIN azure_identities i ON lower(i.vm_id) = lower(z.resource)
 WHERE z.internet IS NOT 0
UNION ALL
SELECT door, id, CASE level WHEN 'critical' THEN 'intrusion' ELSE 'attack' END,
       address || CASE WHEN account <> '' THEN ' as ' || account ELSE '' END,
       title || CASE WHEN count > 1 THEN ', ' || count || ' times' ELSE '' END
       || CASE WHEN done <> '' THEN '; ' || done ELSE '' END,
       level, 1
  FROM attacks a WHERE nth <= 5
UNION ALL
SELECT door, door || ' more attacks', 'attack', (count(*) - 5) || ' more addresses', '', 'medium', 1
  FROM attacks GROUP BY door HAVING count(*) > 5;
