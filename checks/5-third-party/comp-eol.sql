-- id: comp-eol
-- title: No component is past the end of its support
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: high
-- applies: linux
-- maps: attack=T1190,T1203 cis-v8=2.2,7.4 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01
-- why: A runtime or framework without support has holes that nobody looks for any more and nobody
--   closes: a list of known vulnerabilities without it is no good news.
-- fix: Move the application to a supported release of the runtime or framework. What nobody uses
--   is removed: old interpreters in home folders, programs that are no longer called.
-- pass: comp-pass
-- fail: comp-fail
SELECT name || ' in ' || path AS resource, eol_date >= date(now, 'unixepoch') AS healthy,
       path || ': ' || name || ' ' || version
       || CASE WHEN eol_date < date(now, 'unixepoch') THEN ' had support until '
               ELSE ' has support until ' END || eol_date AS evidence,
       internet AS reachable,
       -- What Go's library is part of is built anew by its maker, not updated by the owner.
       CASE WHEN ecosystem = 'Go' THEN 'low' WHEN internet IS NOT 1 THEN 'medium' END AS severity
  FROM component_state c, moment
 WHERE eol_date IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM applications a
                    WHERE a.path = c.path
                       OR a.package <> '' AND a.package = c.package AND a.name = c.product)
