-- id: vuln-exposed
-- title: Nothing that the internet reaches has a serious known vulnerability
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1210 cis-v8=7.3,7.7 iso27001=A.8.8 mcsb=PV-5,PV-6 nist-csf=ID.RA-01,ID.RA-05
-- why: Internet, port, process, file, vulnerability: where the chain is whole, nothing but luck stands
--   between an attacker and the process. It counts as well for what a reached process passes requests
--   to (nginx to php-fpm), and for libraries that no package manager has installed.
-- fix: holdfast vulns --plan; where there is no update: shut the port (holdfast exposure), or put
--   something in front of it that keeps strangers out. Libraries come from their makers: the version
--   that holdfast vulns names, or a later one.
-- pass: vuln-exposed-pass
-- fail: vuln-exposed
WITH reached AS MATERIALIZED (
  SELECT package, min(process || ' on ' || door || CASE via WHEN '' THEN ''
                                                   ELSE ' through ' || via END) AS who
    FROM used_packages WHERE internet IS NOT 0 GROUP BY package),
serious AS MATERIALIZED (
  SELECT v.source AS name, v.id, v.kev, v.severity, 1 AS sure, r.who
    FROM vulnerabilities v JOIN reached r USING (package)
   WHERE (v.kev = 1 OR v.epss >= 10000 OR v.severity IN ('critical', 'high'))
     AND (v.kev = 1 OR v.status <> 'minor') AND v.cvss NOT LIKE '%AV:L%'
     AND v.cvss NOT LIKE '%AV:P%'
  UNION ALL
  SELECT name || ' in ' || path, id, kev, severity, sure,
         process || ' on ' || door || CASE via WHEN '' THEN '' ELSE ' through ' || via END
         || CASE sure WHEN 1 THEN '' ELSE ', which may load it' END
    FROM exposed_components)
SELECT name AS resource, 0 AS healthy,
       count(DISTINCT id) || CASE count(DISTINCT id) WHEN 1 THEN ' vulnerability, ' ELSE ' vulnerabilities, ' END
         || 'such as ' || max(CASE kev WHEN 1 THEN id || ' (exploited)' ELSE '' END, min(id))
         || ', in ' || min(who) AS evidence,
       1 AS reachable,
       CASE WHEN max(sure) = 1 AND (max(kev) = 1 OR max(severity = 'critical') = 1)
            THEN 'critical' ELSE 'high' END AS severity
  FROM serious GROUP BY name
UNION ALL
SELECT 'listeners', 1, 'none that is known', 0, 'critical'
 WHERE EXISTS (SELECT 1 FROM advisory_sources WHERE format NOT IN ('kev', 'epss', 'eol'))
   AND NOT EXISTS (SELECT 1 FROM serious)
