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
-- pass: app-eol-pass
-- fail: app-search-open
SELECT name || ' in ' || place AS resource, eol_date >= date(now, 'unixepoch') AS healthy,
       place || ': ' || name || ' ' || version
       || CASE WHEN eol_date < date(now, 'unixepoch') THEN ' had support until '
               ELSE ' has support until ' END || eol_date AS evidence,
       exposed AS reachable,
       CASE WHEN NOT exposed THEN 'medium' END AS severity
  FROM application_state, moment
 WHERE NOT web AND eol_date IS NOT NULL
