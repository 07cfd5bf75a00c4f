-- id: app-eol
-- title: No application is past the end of its support
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: high
-- applies: linux
-- maps: attack=T1190,T1203 cis-v8=2.2,7.4 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01
-- why: Holes found after the end of support stay open for ever, and everybody can look them up.
-- fix: Update to a version that is supported, or take the distribution's package, which it keeps
--   current. Remove what nobody uses.
-- pass: app-flaw-pass
-- fail: app-search-open
SELECT a.name || ' ' || a.path AS resource, a.eol_date >= date(m.now, 'unixepoch') AS healthy,
       a.path || ': ' || a.name || ' ' || a.version
       || CASE WHEN a.eol_date < date(m.now, 'unixepoch') THEN ' had support until '
               ELSE ' has support until ' END || a.eol_date AS evidence,
       a.exposed AS reachable,
       CASE WHEN NOT a.exposed THEN 'medium' END AS severity
  FROM application_state a, moment m
 WHERE a.eol_date IS NOT NULL
