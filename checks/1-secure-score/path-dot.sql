-- id: path-dot
-- title: Commands are searched in safe directories only
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: high
-- applies: linux
-- maps: attack=T1574.007 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: With . or an empty entry in PATH, the shell runs a program of the current directory when an
--   administrator types "ls" there. The same goes for directories where everybody writes.
-- fix: Remove ".", "::", a colon at either end, and /tmp from the PATH that the evidence names.
-- pass: base
-- fail: path-dot
WITH paths AS (
SELECT file, line, file_uid, value,
       ':' || replace(replace(replace(value, '"', ''), '''', ''), 'PATH=', '') || ':' AS entries
  FROM startup_scripts WHERE kind = 'path')
SELECT 'file ' || file AS resource, file || ':' || line || ' ' || value AS evidence,
       entries NOT LIKE '%:.:%' AND entries NOT LIKE '%:./%' AND entries NOT LIKE '%::%'
       AND entries NOT LIKE '%:/tmp%' AND entries NOT LIKE '%:/var/tmp%'
       AND entries NOT LIKE '%:/dev/shm%' AS healthy,
       CASE WHEN file_uid <> 0 THEN 'medium' END AS severity
  FROM paths
