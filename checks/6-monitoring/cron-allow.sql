-- id: cron-allow
-- title: Only accounts that are named may have jobs of cron and at
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: low
-- applies: linux
-- maps: attack=T1053.003,T1053.002 cis-v8=4.8 iso27001=A.8.2 mcsb=PA-7 nist-csf=PR.AA-05
-- why: A job of cron is how an account that was taken over stays taken: it comes back after a restart,
--   a new password and a new key. Accounts of services hardly ever need one.
-- fix: Write the accounts that are to have jobs, one a line, into /etc/cron.allow and /etc/at.allow:
--   echo root > /etc/cron.allow; chown root:crontab /etc/cron.allow; chmod 640 /etc/cron.allow
-- action: job-users
-- pass: base
-- fail: cron-allow
WITH services AS (
  SELECT 'cron' AS service, '/etc/cron.allow' AS path
   WHERE EXISTS (SELECT 1 FROM packages WHERE name IN ('cron', 'cronie'))
  UNION ALL
  SELECT 'at', '/etc/at.allow' WHERE EXISTS (SELECT 1 FROM packages WHERE name = 'at'))
SELECT s.service AS resource,
       f.path IS NOT NULL AND f.uid = 0 AND f.mode & 18 = 0 AS healthy,
       s.path || CASE WHEN f.path IS NULL
                      THEN ' is not there: every account may have jobs that '
                           || '/etc/' || s.service || '.deny does not name'
                      ELSE ' has mode ' || printf('%04o', f.mode) || ', owner ' || f.uid END
       AS evidence
  FROM services AS s LEFT JOIN file_permissions AS f ON f.path = s.path
