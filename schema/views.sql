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

-- sshd, where it is installed: exposed is 1 when others than the machine itself reach it.
CREATE VIEW ssh_server AS
SELECT version, config_file, ports,
       EXISTS (SELECT 1 FROM exposed_services e
                WHERE e.service = 'sshd' OR e.package = 'openssh-server') AS exposed
  FROM sshd_info WHERE installed = 1;

-- Settings of sshd that decide about logins, as they hold for some account or address: which
-- block decides, where it stands, whether others reach it. Blocks that never apply are left out.
CREATE VIEW ssh_settings AS
SELECT DISTINCT e.keyword, e.value, CASE e.username WHEN 'root' THEN 'root' ELSE '' END AS username,
       CASE e.match_block WHEN '' THEN 'sshd' ELSE 'sshd Match ' || e.match_block END AS scope,
       CASE e.file WHEN '' THEN 'default of sshd ' || s.version
                   ELSE e.file || ':' || e.line END || ': ' || e.keyword || ' ' || e.value
       || CASE e.match_block WHEN '' THEN '' ELSE ' (Match ' || e.match_block || ')' END AS evidence,
       s.exposed
  FROM sshd_effective e, ssh_server s
 WHERE e.address NOT LIKE '127.%';

-- All settings of sshd, one row a Match block that has it.
CREATE VIEW ssh_globals AS
SELECT c.keyword, c.value,
       CASE c.match_block WHEN '' THEN 'sshd' ELSE 'sshd Match ' || c.match_block END AS scope,
       CASE c.file WHEN '' THEN 'default of sshd ' || s.version
                   ELSE c.file || ':' || c.line END || ': ' || c.keyword || ' ' || c.value
       || CASE c.match_block WHEN '' THEN '' ELSE ' (Match ' || c.match_block || ')' END AS evidence,
       s.exposed
  FROM sshd_config c, ssh_server s;

CREATE VIEW ssh_allow_lists AS
SELECT keyword, value, file, line FROM sshd_config
 WHERE keyword IN ('allowusers', 'allowgroups') AND value <> '' AND match_block = '';

-- Accounts that log in over ssh with a password alone.
CREATE VIEW ssh_password_logins AS
SELECT username, uid, deciding FROM ssh_access
 WHERE allowed = 1 AND (password = 1 OR kbdint = 1) AND second_factor = 0;

-- Services as they are configured: listens is 1 when they are started at boot or run already, on
-- an address that others reach; reachable where the firewall lets everybody through, too.
CREATE VIEW network_services AS
SELECT n.*, n.listens AND NOT EXISTS (SELECT 1 FROM shut_ports s WHERE s.protocol = n.protocol
                                                                  AND s.port = n.port) AS reachable
  FROM (SELECT service, protocol, address, port, authentication, package,
               service || ' ' || protocol || ' port ' || port AS resource,
               loopback = 0 AND enabled = 1
               OR EXISTS (SELECT 1 FROM listening_ports p
                           WHERE p.protocol = e.protocol AND p.port = e.port AND p.loopback = 0)
               AS listens,
               CASE file WHEN '' THEN 'default of ' || service
                         WHEN file THEN file || CASE line WHEN 0 THEN '' ELSE ':' || line END END
               || ': ' || service || ' listens on ' || address || ':' || port
               || CASE authentication WHEN '' THEN '' WHEN 'none' THEN ' and asks for no password'
                       ELSE ' (' || authentication || ')' END AS evidence
          FROM expected_listeners e) n;
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
