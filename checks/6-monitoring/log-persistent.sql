-- id: log-persistent
-- title: Logs survive a restart
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: high
-- applies: linux
-- maps: attack=T1070.002,T1562.006 cis-v8=8.2,8.3 iso27001=A.8.15 mcsb=LT-3 nist-csf=PR.PS-04
-- why: A log that lives in memory is gone after a restart, and a restart is the first thing an
--   intruder or a helpful colleague does.
-- fix: mkdir -p /etc/systemd/journald.conf.d and write 10-persistent.conf there:
--     [Journal]
--     Storage=persistent
--   then systemctl restart systemd-journald. Or: apt install rsyslog.
--   Alpine: rc-update add syslog
-- action: journald Storage persistent
-- pass: base
-- fail: log-persistent
WITH storage AS (
  SELECT lower(value) AS value, file || ':' || line || ' Storage=' || value AS evidence
    FROM service_settings WHERE service = 'journald' AND name = 'Storage'),
kept(evidence) AS (
  SELECT path || ' starts at boot' FROM systemd_units
   WHERE boot = 1 AND id IN ('rsyslog.service', 'syslog-ng.service', 'rsyslog', 'syslog-ng',
                             'syslog', 'sysklogd', 'sysklogd.service')
  UNION ALL SELECT evidence FROM storage WHERE value = 'persistent'
  UNION ALL SELECT '/var/log/journal exists' FROM log_files
   WHERE path = '/var/log/journal' AND type = 'directory'
     AND NOT EXISTS (SELECT 1 FROM storage WHERE value IN ('volatile', 'none')))
SELECT 'logs' AS resource, EXISTS (SELECT 1 FROM kept) AS healthy,
       coalesce((SELECT evidence FROM kept LIMIT 1), (SELECT evidence FROM storage),
                'no syslog service starts at boot, and there is no /var/log/journal') AS evidence
