-- id: svc-legacy-remote
-- title: No telnet, rsh, rlogin, rexec, tftp, talk or finger server
-- practice: 1-secure-score
-- control: secure-management-ports
-- severity: critical
-- applies: linux
-- maps: attack=T1021,T1040 cis-v8=4.8 iso27001=A.8.20 mcsb=NS-8 nist-csf=PR.IR-01
-- why: These services send passwords in clear text, or ask for none. Robots look for them day and
--   night; ssh and sftp do the same work safely.
-- fix: Debian, Ubuntu: apt purge telnetd inetutils-telnetd rsh-server tftpd-hpa talkd fingerd
--   RHEL: dnf remove telnet-server rsh-server tftp-server talk-server finger-server
--   Remove their lines in /etc/inetd.conf and their files in /etc/xinetd.d.
-- action: package-off
-- pass: base
-- fail: svc-legacy-remote
WITH listening AS (
SELECT port, max(evidence) AS evidence FROM exposed_services
 WHERE protocol = 'tcp' AND port IN (23, 79, 512, 513, 514) OR protocol = 'udp' AND port = 69
 GROUP BY port),
bad AS (
SELECT 'package ' || name AS resource, 'package ' || name || ' ' || version || ' is installed'
       || coalesce(', ' || (SELECT max(evidence) FROM listening), '') AS evidence,
       EXISTS (SELECT 1 FROM listening) AS reachable
  FROM legacy_packages
UNION ALL
SELECT 'service ' || name, file || ':' || line || ' starts ' || name || ' (' || program || ')', 1
  FROM inetd_services
 WHERE enabled = 1 AND name IN ('telnet', 'shell', 'login', 'exec', 'tftp', 'talk', 'ntalk',
                                'finger', 'rsh', 'rlogin', 'rexec')
UNION ALL
SELECT 'port ' || port, evidence, 1 FROM listening)
SELECT resource, 0 AS healthy, evidence, reachable,
       CASE WHEN NOT reachable THEN 'high' END AS severity FROM bad
UNION ALL
SELECT 'legacy services', 1, 'none is installed', 0, NULL WHERE NOT EXISTS (SELECT 1 FROM bad)
