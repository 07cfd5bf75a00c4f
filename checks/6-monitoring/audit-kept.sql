-- id: audit-kept
-- title: Old audit logs are kept, not overwritten
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: low
-- applies: linux
-- maps: attack=T1070.002 cis-v8=8.3,8.10 iso27001=A.8.15 mcsb=LT-6 nist-csf=PR.PS-04
-- why: As installed, auditd keeps five files of 8 MB and starts again: somebody who makes enough
--   noise for an hour has wiped his own traces.
-- fix: In /etc/audit/auditd.conf: max_log_file_action = keep_logs, space_left_action = syslog,
--   and enough room in /var/log/audit; then systemctl kill -s HUP auditd
-- action: auditd max_log_file_action keep_logs
-- pass: base
-- fail: audit-kept
WITH settings AS (
  SELECT max(CASE name WHEN 'max_log_file_action' THEN lower(value) END) AS action,
         max(CASE name WHEN 'max_log_file' THEN CAST(value AS INTEGER) END) AS size,
         max(CASE name WHEN 'num_logs' THEN CAST(value AS INTEGER) END) AS logs,
         max(CASE name WHEN 'max_log_file_action' THEN file || ':' || line END) AS place
    FROM service_settings WHERE service = 'auditd' HAVING count(*) > 0)
SELECT 'audit' AS resource,
       ifnull(action, 'rotate') = 'keep_logs' OR ifnull(size, 8) * ifnull(logs, 5) >= 500
         AS healthy,
       ifnull(place, 'default of auditd:') || ' max_log_file_action ' || ifnull(action, 'rotate')
         || ', ' || ifnull(logs, 5) || ' files of ' || ifnull(size, 8) || ' MB' AS evidence
  FROM settings
