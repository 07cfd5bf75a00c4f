-- id: os-security-updates
-- title: No security update is missing
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1210,T1068 cis-v8=7.3,7.4 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01,PR.PS-02
-- why: The update tells everybody where the hole was. What a process behind an open port runs or has
--   mapped comes first: attackers try it within days, often within hours.
-- fix: holdfast vulns --plan   (prints the upgrades and restarts, the most urgent first)
-- action: upgrade
-- pass: live
-- fail: os-security-updates
WITH used AS MATERIALIZED (
  SELECT package, max(internet IS NOT 0) AS reached, count(*) AS users,
         min(CASE WHEN internet IS NOT 0 THEN process || ' on ' || door END) AS who
    FROM used_packages GROUP BY package),
missing AS MATERIALIZED (
  SELECT * FROM package_updates WHERE security IS NOT 0 AND state = 'missing')
SELECT u.source AS resource, 0 AS healthy,
       min(u.name) || ' ' || min(u.installed) || ', ' || min(u.suite) || ' has ' || min(u.candidate)
         || CASE WHEN count(*) > 1 THEN ' (and ' || (count(*) - 1) || ' more packages)' ELSE '' END
         || CASE WHEN max(security) IS NULL THEN ', and nothing here tells what that closes' ELSE '' END
         || coalesce(', used by ' || min(who), CASE WHEN sum(users) > 0 THEN ', in use'
                                               ELSE ', nothing runs it' END) AS evidence,
       coalesce(max(reached), 0) AS reachable,
       CASE WHEN max(security) IS NULL THEN 'medium' WHEN max(reached) = 1 THEN 'critical'
            WHEN sum(users) > 0 THEN 'high' ELSE 'medium' END
         AS severity
  FROM missing u LEFT JOIN used ON used.package = u.name
 GROUP BY u.source
UNION ALL
SELECT 'packages', 1, 'no security update is missing', 0, 'critical'
 WHERE EXISTS (SELECT 1 FROM packages)
   AND NOT EXISTS (SELECT 1 FROM missing)
