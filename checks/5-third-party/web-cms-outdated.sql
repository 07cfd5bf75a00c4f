-- id: web-cms-outdated
-- title: Content management systems are current
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1505.003 cis-v8=7.4,7.7 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01
-- why: WordPress, Drupal, Joomla and their like run half of the web, so a hole in them is tried on
--   every site within hours. An outdated one is the usual way to a web shell.
-- fix: Back the site up, then update it in its administration or with its tool (wp core update;
--   composer update drupal/core), plugins and themes too, and switch automatic updates on. If the
--   version had a known hole, look for foreign files: find DOCROOT -name '*.php' -mtime -90
-- pass: web-cms-pass
-- fail: web-cms-outdated
SELECT name || ' in ' || place AS resource,
       critical_fixed = '' AND coalesce(eol_date >= date(now, 'unixepoch'), 1) AS healthy,
       place || ': ' || name || ' ' || version
       || CASE WHEN critical_fixed <> '' THEN ' has ' || critical_cve || ', fixed in '
                                              || critical_fixed
               WHEN eol_date < date(now, 'unixepoch') THEN ' had support until ' || eol_date
               ELSE ' is supported' END AS evidence,
       exposed AS reachable,
       CASE WHEN critical_fixed = '' AND exposed THEN 'high' WHEN critical_fixed = '' THEN 'medium'
            WHEN NOT exposed THEN 'high' END AS severity
  FROM application_state, moment
 WHERE web AND version <> ''
