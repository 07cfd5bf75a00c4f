-- id: log-rotation
-- title: Text logs are rotated
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: low
-- applies: linux
-- maps: attack=T1499,T1562.006 cis-v8=8.3 iso27001=A.8.15 mcsb=LT-6 nist-csf=PR.PS-04
-- why: A log that only grows fills the disk one day; then nothing is logged, and much else stops.
-- fix: apt install logrotate (Red Hat: dnf install logrotate;
--   Alpine: apk add logrotate), and systemctl enable --now logrotate.timer
-- action: package logrotate logrotate logrotate logrotate.timer
-- pass: base
-- fail: log-rotation
WITH rotation(evidence) AS (
  SELECT path || ' starts logrotate' FROM systemd_timers
   WHERE id = 'logrotate.timer' AND enabled = 1
  UNION ALL
  SELECT file || ':' || line || ' starts logrotate' FROM crontab WHERE command LIKE '%logrotate%')
SELECT 'logs' AS resource, EXISTS (SELECT 1 FROM rotation) AS healthy,
       ifnull((SELECT evidence FROM rotation LIMIT 1), 'nothing starts logrotate') AS evidence
 WHERE EXISTS (SELECT 1 FROM log_files
                WHERE path IN ('/var/log/auth.log', '/var/log/secure', '/var/log/syslog',
                               '/var/log/messages'))
