-- id: suid-unknown
-- title: Every set-uid file comes from a package
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: high
-- applies: linux
-- maps: attack=T1548.001 cis-v8=2.5,4.8 iso27001=A.8.2,A.8.19 mcsb=ES-2 nist-csf=DE.CM-09
-- why: A set-uid file runs as its owner, whoever starts it. One that no package brought is a
--   mistake, or the way back in of somebody who was root once.
-- fix: Look what it is (file FILE;
--   strings FILE), keep a copy as evidence, then chmod u-s,g-s FILE or remove it.
--   One of your own that is needed: write an exemption.
-- pass: base
-- fail: suid-unknown
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid || ':' || gid
         || ', changed ' || date(mtime, 'unixepoch') || ', from no package' AS evidence,
       CASE WHEN ',' || mount_flags || ',' LIKE '%,nosuid,%' THEN 'low'
            WHEN kind = 'suid' THEN 'high' ELSE 'medium' END AS severity
  FROM file_findings
 WHERE kind IN ('suid', 'sgid') AND package = ''
UNION ALL
SELECT 'set-uid files', 1, count(*) || ' set-uid and set-gid files, all from packages', 'high'
  FROM file_findings
 WHERE kind IN ('suid', 'sgid')
HAVING total(package = '') = 0 AND EXISTS (SELECT 1 FROM file_walk)
