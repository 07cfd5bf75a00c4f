-- id: path-dot
-- title: Commands are searched in safe directories only
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: high
-- applies: linux
-- maps: attack=T1574.007 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: With . or an empty entry in PATH, the shell runs a program of the current directory when an
--   administrator types "ls" there. The same goes for directories where everybody writes.
-- fix: Remove ".", "::", a colon at either end, and directories that others write to from the PATH
--   that the evidence names.
-- pass: base
-- fail: path-dot
SELECT 'file ' || file AS resource, 0 AS healthy,
       file || ':' || line || ' PATH=' || value AS evidence,
       CASE WHEN file_uid <> 0 THEN 'medium' END AS severity
  FROM startup_scripts WHERE kind = 'path'
UNION ALL
SELECT 'PATH', 1, 'shell start-up files name safe directories only', NULL
 WHERE NOT EXISTS (SELECT 1 FROM startup_scripts WHERE kind = 'path')
