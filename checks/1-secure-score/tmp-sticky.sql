-- id: tmp-sticky
-- title: World-writable directories have the sticky bit
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1222.002,T1574 cis-v8=3.3 iso27001=A.8.3 mcsb=PV-4 nist-csf=PR.AA-05
-- why: Without the sticky bit everybody may rename and remove the files of others there, and put
--   his own in their place.
-- fix: chmod +t DIRECTORY, or better, if nobody needs to write there: chmod o-w DIRECTORY
-- action: mode +1000 -
-- pass: base
-- fail: tmp-sticky
WITH bad AS (
SELECT path, mode FROM file_findings WHERE kind = 'world_writable_dir' AND mode & 512 = 0)
SELECT 'directory ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) AS evidence
  FROM bad
UNION ALL
SELECT 'directories', 1, 'none is world-writable without the sticky bit'
 WHERE NOT EXISTS (SELECT 1 FROM bad)
