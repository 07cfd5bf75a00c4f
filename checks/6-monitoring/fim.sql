-- id: fim
-- title: Changes to system files are noticed
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: medium
-- applies: linux
-- maps: attack=T1554,T1565.001 cis-v8=3.14 iso27001=A.8.16 mcsb=ES-2 nist-csf=DE.CM-09
-- why: An intruder changes files: a program, a unit, a list of keys. Who compares them daily with
--   how they were knows the next morning.
-- fix: apt install aide && aideinit, then mv /var/lib/aide/aide.db.new /var/lib/aide/aide.db and
--   systemctl enable --now dailyaidecheck.timer.
--   Red Hat: dnf install aide, aide --init, and a daily "aide --check" in cron.
-- pass: base
-- fail: fim
WITH tools AS (
  SELECT name, configured = 1 AND ifnull(enabled, 1) = 1 AS works, evidence,
         CASE WHEN ifnull(configured, 0) = 0 THEN 'has no baseline' ELSE 'is not started' END AS why
    FROM security_agents
   WHERE kind = 'fim' OR name IN ('wazuh-agent', 'mdatp', 'osquery'))
SELECT 'file integrity' AS resource, ifnull((SELECT max(works IS 1) FROM tools), 0) AS healthy,
       ifnull((SELECT name || CASE WHEN works IS 1 THEN ' checks' ELSE ' ' || why END
                 || ' (' || evidence || ')' FROM tools ORDER BY works DESC LIMIT 1),
              'no tool compares files with how they were') AS evidence
