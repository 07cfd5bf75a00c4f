-- id: app-ftp-anonymous
-- title: FTP serves nobody without a name, and nobody in clear text
-- practice: 5-third-party
-- control: encrypt-data-in-transit
-- severity: high
-- applies: linux
-- maps: attack=T1078,T1040,T1105 cis-v8=3.10,4.8 iso27001=A.8.24 mcsb=DP-3 nist-csf=PR.DS-02
-- why: FTP sends passwords and files in clear text. With anonymous access everybody reads what lies
--   there; where he may write, the server soon spreads foreign files.
-- fix: Use sftp, which sshd has: apt purge vsftpd (RHEL: dnf remove vsftpd). If FTP must stay, set
--   in /etc/vsftpd.conf
--   anonymous_enable=NO
--   ssl_enable=YES
--   force_local_logins_ssl=YES
--   Then: systemctl restart vsftpd
-- pass: app-ftp-pass
-- fail: app-ftp-anonymous
WITH tls AS (
SELECT 1 FROM service_settings
 WHERE service = 'vsftpd' AND name = 'ssl_enable' AND lower(value) IN ('yes', 'true', '1')
    OR service = 'proftpd' AND name = 'tlsrequired' AND lower(value) IN ('on', 'auth', 'ctrl')
    OR service = 'pureftpd' AND name = 'tls' AND value IN ('2', '3')),
anonymous AS (
SELECT file || ':' || line || ' ' || name || ' ' || value AS evidence FROM service_settings
 WHERE service = 'vsftpd' AND name = 'anonymous_enable' AND lower(value) IN ('yes', 'true', '1')
    OR service = 'proftpd' AND lower(section) LIKE 'anonymous%')
SELECT n.resource, n.reachable,
       NOT n.listens OR n.authentication <> 'none' AND EXISTS (SELECT 1 FROM tls) AS healthy,
       n.evidence || coalesce('; ' || (SELECT min(evidence) FROM anonymous), '')
       || CASE WHEN EXISTS (SELECT 1 FROM tls) THEN '' ELSE '; without TLS' END AS evidence,
       CASE WHEN n.authentication <> 'none' OR n.reachable IS NOT 1 THEN 'medium' END AS severity
  FROM network_services n
 WHERE service IN ('vsftpd', 'proftpd', 'pureftpd', 'ftpd')
