-- id: app-critical-flaw
-- title: No application has a hole that is known to be used
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1203 cis-v8=7.4,7.7 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01
-- why: For this version a way to take the machine over from outside is public, and robots use it.
--   Programs that no package manager keeps current are forgotten most easily.
-- fix: Update the application to the version that the evidence names or a later one, or remove it.
--   Until then shut its port in the firewall. If it was open, look for what an intruder left: the
--   findings about cron, keys, units and set-uid files.
-- pass: with-search
-- fail: app-search-open
SELECT name || ' in ' || place AS resource, critical_fixed = '' AS healthy,
       place || ': ' || name || ' ' || version
       || CASE critical_fixed WHEN '' THEN ' has no such hole'
               ELSE ' has ' || critical_cve || ', fixed in ' || critical_fixed END AS evidence,
       exposed AS reachable,
       CASE WHEN NOT exposed THEN 'high' END AS severity
  FROM application_state
 WHERE NOT web AND version <> ''
