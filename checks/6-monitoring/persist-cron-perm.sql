-- id: persist-cron-perm
-- title: Only root and the owner can write jobs
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: high
-- applies: linux
-- maps: attack=T1053.003,T1222.002 cis-v8=3.3 iso27001=A.8.3 mcsb=PV-4 nist-csf=PR.AA-05
-- why: Who can write a file that cron runs as root is root within the hour.
-- fix: chown root:root FILE; chmod 600 FILE (directories and scripts: 700)
-- action: mode -0022 root
-- pass: base
-- fail: persist-cron-perm
WITH jobs AS (
  SELECT DISTINCT c.file AS path, c.file_mode AS mode, c.file_uid AS uid,
         c.file_mode & 18
         OR NOT (c.file_uid = 0 OR (c.kind IN ('user', 'at') AND c.file_uid = u.uid)) AS bad
    FROM crontab AS c LEFT JOIN users AS u ON u.username = c.username
  UNION
  SELECT path, mode, uid,
         (mode & 18 AND NOT (path LIKE '/var/spool/%' AND mode & 2 = 0)) OR uid <> 0
    FROM file_permissions
   WHERE type <> 'symlink'
     AND (path IN ('/etc/crontab', '/etc/anacrontab', '/etc/cron.d', '/etc/cron.hourly',
                   '/etc/cron.daily', '/etc/cron.weekly', '/etc/cron.monthly')
          OR path IN ('/var/spool/cron', '/var/spool/cron/crontabs') AND mode & 512 = 0))
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid AS evidence
  FROM jobs
 WHERE bad
UNION ALL
SELECT 'jobs', 1, count(*) || ' files and directories with jobs' FROM jobs
HAVING count(*) > 0 AND max(bad) = 0
