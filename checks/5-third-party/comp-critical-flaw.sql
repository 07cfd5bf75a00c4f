-- id: comp-critical-flaw
-- title: No component has a hole that is known to be used
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1203 cis-v8=2.1,7.4,7.7 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01
-- why: A library in an application is as exploitable as a program, and no package manager tells of
--   it: Log4j sat in archives inside of archives. Robots try these holes everywhere.
-- fix: Update the application that brings the component to a release with the version that the
--   evidence names or a later one, or remove it. holdfast sbom lists where else it is.
-- pass: comp-pass
-- fail: comp-fail
SELECT name || ' in ' || path AS resource, critical_cve = '' AS healthy,
       path || ': ' || name || ' ' || version
       || CASE critical_cve WHEN '' THEN ' has no such hole'
               ELSE ' has ' || critical_cve || ', fixed in ' || critical_fixed END
       || CASE WHEN processes > 0 THEN ', run by ' || processes || CASE processes WHEN 1
               THEN ' process' ELSE ' processes' END ELSE '' END AS evidence,
       internet AS reachable,
       CASE WHEN internet IS NOT 1 THEN 'high' END AS severity
  FROM component_state c
 WHERE critical_cve IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM applications a
                    WHERE a.path = c.path
                       OR a.package <> '' AND a.package = c.package AND a.name = c.product)
