-- id: log-fresh
-- title: The log of logins was written within the last day
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: high
-- applies: linux
-- maps: attack=T1562.001,T1070.002 cis-v8=8.2 iso27001=A.8.15 mcsb=LT-3 nist-csf=DE.CM-09
-- why: Logging ends without a word: a full disk, a service that was stopped, an intruder. Jobs of
--   cron and timers alone write some lines each hour, so a silent log is a dead one.
-- fix: systemctl status rsyslog systemd-journald; df -h /var/log; logger test && tail -1 the file.
--   Find out who stopped it and when: the last lines before the gap tell.
-- pass: base
-- fail: log-fresh
WITH logs AS (
  SELECT path, mtime FROM log_files
   WHERE type = 'regular'
     AND (path IN ('/var/log/auth.log', '/var/log/secure', '/var/log/messages', '/var/log/syslog')
          OR path LIKE '/var/log/journal/%.journal')),
ref AS (SELECT CASE WHEN (SELECT live FROM host_info) THEN (SELECT now FROM moment)
                    ELSE (SELECT max(mtime) FROM log_files WHERE type = 'regular') END AS now)
SELECT 'logs' AS resource, max(mtime) > now - 86400 AS healthy,
       path || ' was last written on ' || datetime(max(mtime), 'unixepoch') AS evidence
  FROM logs, ref
HAVING count(*) > 0
