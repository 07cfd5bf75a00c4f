-- id: log-perm
-- title: Only administrators can read logs, and only services write them
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: medium
-- applies: linux
-- maps: attack=T1070.002,T1005 cis-v8=3.3,8.2 iso27001=A.8.15 mcsb=LT-3 nist-csf=PR.PS-04
-- why: Who can write a log can remove traces from it. Who can read it finds names, addresses, and
--   the password that somebody typed in place of a name.
-- fix: chmod o-rwx,g-w FILE; and in rsyslog.conf $FileCreateMode 0640,
--   in the stanza of logrotate "create 0640 root adm"
-- action: mode -0027 -
-- pass: base
-- fail: log-perm
WITH logs AS (
  SELECT *, mode & 2 AS written, mode & 4
            AND (path IN ('/var/log/auth.log', '/var/log/secure', '/var/log/syslog',
                          '/var/log/messages', '/var/log/kern.log', '/var/log/mail.log',
                          '/var/log/maillog', '/var/log/btmp', '/var/log/sudo.log',
                          '/var/log/daemon.log', '/var/log/user.log', '/var/log/cron')
                 OR path LIKE '/var/log/audit/%') AS listed
    FROM log_files WHERE type = 'regular')
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) AS evidence,
       CASE WHEN written THEN 'medium' ELSE 'low' END AS severity
  FROM logs
 WHERE written OR listed
UNION ALL
SELECT 'logs', 1, count(*) || ' log files', 'medium' FROM logs
HAVING count(*) > 0 AND max(written OR listed) = 0
