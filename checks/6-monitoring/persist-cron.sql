-- id: persist-cron
-- title: No job downloads and runs code, or runs from a temporary directory
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: critical
-- applies: linux
-- maps: attack=T1053.003,T1105 cis-v8=2.5,13.2 iso27001=A.8.7,A.8.19 mcsb=ES-2 nist-csf=DE.CM-09
-- why: "curl | sh" in a crontab is how miners and bots come back after being removed; and where it
--   is meant well, whoever controls that address is root here.
-- fix: Keep a copy as evidence, then remove the job: crontab -e -u NAME, or delete the file.
--   If nobody knows it, treat the machine as broken into.
--   Well-meant jobs: install the script, from a package or a checked download, and run that file.
-- pass: base
-- fail: persist-cron
SELECT 'job ' || file || ':' || line AS resource, 0 AS healthy,
       file || ':' || line || ' ' || risk || ' as ' || username || ': '
         || substr(replace(command, char(10), ' '), 1, 160) AS evidence,
       CASE WHEN risk LIKE '%temporary%' THEN 'high' ELSE 'critical' END AS severity,
       risk LIKE '%download%' OR risk LIKE '%another machine%' AS reachable
  FROM crontab
 WHERE risk <> ''
UNION ALL
SELECT 'jobs', 1, count(*) || ' jobs of cron, anacron and at', 'critical', 0 FROM crontab
HAVING count(*) > 0 AND max(risk <> '') = 0
