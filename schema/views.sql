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
