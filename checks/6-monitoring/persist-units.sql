-- id: persist-units
-- title: No service runs a file that others can put there
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: high
-- applies: linux
-- maps: attack=T1543.002,T1053.006 cis-v8=2.5 iso27001=A.8.7,A.8.19 mcsb=ES-2 nist-csf=DE.CM-09
-- why: A unit starts with the machine, as root, and is one file among hundreds. Programs in /tmp,
--   /dev/shm or a home, and shells that fetch their script, do not come from a package.
-- fix: systemctl disable --now UNIT; keep the unit and its program as evidence; rm the unit file;
--   systemctl daemon-reload. A program of your own: move it to /usr/local/sbin, owned by root,
--   or let it run as its owner (User=).
-- pass: base
-- fail: persist-units
WITH units AS (
  SELECT id, path, exec, user, package, CASE
         WHEN risk <> '' THEN risk
         WHEN path LIKE '/tmp/%' OR path LIKE '/var/tmp/%' OR path LIKE '/dev/shm/%'
              THEN 'is a unit in a temporary directory'
         WHEN user IN ('', 'root') AND ltrim(exec, '-@:+!') LIKE '/home/%'
              THEN 'runs a file of a home as root' ELSE '' END AS why
    FROM systemd_units WHERE type IN ('service', 'script') AND state NOT IN ('masked', 'alias'))
SELECT 'unit ' || id AS resource, 0 AS healthy,
       path || ' ' || why || ': ' || substr(exec, 1, 160) AS evidence,
       CASE WHEN why LIKE '%home%' THEN 'medium' ELSE 'high' END AS severity,
       why LIKE '%download%' OR why LIKE '%another machine%' AS reachable
  FROM units
 WHERE why <> '' AND package = ''
UNION ALL
SELECT 'units', 1, count(*) || ' services', 'high', 0 FROM units
HAVING count(*) > 0 AND max(why <> '' AND package = '') = 0
