-- id: log-retention
-- title: The log of logins is kept for 90 days
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: low
-- applies: linux
-- maps: attack=T1070.002 cis-v8=8.10 iso27001=A.8.15 mcsb=LT-6 nist-csf=PR.PS-04
-- why: Break-ins are noticed after weeks or months. What happened in the first days is known only
--   if the log of those days still exists.
-- fix: In the stanza of /var/log/auth.log (Debian: /etc/logrotate.d/rsyslog;
--   Red Hat: /etc/logrotate.d/syslog, /var/log/secure) write "rotate 13" with "weekly".
--   Journal alone: MaxRetentionSec=0 and a large SystemMaxUse= in
--   /etc/systemd/journald.conf.d/20-keep.conf
-- action: logrotate 13
-- pass: base
-- fail: log-retention
WITH stanzas AS (
  SELECT section,
         max(CASE name WHEN 'rotate' THEN CAST(value AS INTEGER) END) AS kept,
         max(CASE name WHEN 'daily' THEN 1 WHEN 'weekly' THEN 7 WHEN 'monthly' THEN 30
                       WHEN 'yearly' THEN 365 END) AS days,
         max(CASE name WHEN 'rotate' THEN file || ':' || line END) AS place, max(file) AS file
    FROM service_settings WHERE service = 'logrotate' GROUP BY section),
logins AS (
  SELECT s.section, coalesce(s.kept, g.kept, 0) AS kept, coalesce(s.days, g.days, 7) AS days,
         coalesce(s.place, g.place, s.file) AS place
    FROM stanzas AS s LEFT JOIN stanzas AS g ON g.section = ''
   WHERE ' ' || replace(s.section, char(10), ' ') || ' ' LIKE '% /var/log/auth.log %'
      OR ' ' || replace(s.section, char(10), ' ') || ' ' LIKE '% /var/log/secure %')
SELECT 'logs' AS resource, kept * days >= 90 AS healthy,
       place || ' keeps ' || kept || ' logs of ' || days || ' days' AS evidence
  FROM logins
