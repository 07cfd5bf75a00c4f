-- id: world-writable
-- title: No file of the system can be written by everybody
-- practice: 6-monitoring
-- control: remediate-security-configurations
-- severity: high
-- applies: linux
-- maps: attack=T1222.002,T1574.010 cis-v8=3.3 iso27001=A.8.3 mcsb=PV-4 nist-csf=PR.AA-05
-- why: A program or setting that everybody can write is the intruder's as soon as he has any
--   account: root runs it next.
-- fix: chmod o-w FILE
-- action: mode -0002 -
-- pass: base
-- fail: world-writable
WITH files AS (
  SELECT *, path LIKE '/etc/%' OR path LIKE '/usr/%' OR path LIKE '/bin/%' OR path LIKE '/sbin/%'
            OR path LIKE '/lib%' OR path LIKE '/boot/%' OR path LIKE '/opt/%' OR path LIKE '/root/%'
            AS system
    FROM file_findings WHERE kind = 'world_writable' AND path NOT LIKE '/tmp/%'
     AND path NOT LIKE '/var/tmp/%' AND path NOT LIKE '/dev/%' AND path NOT LIKE '/run/%')
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid AS evidence
  FROM files WHERE system
UNION ALL
SELECT 'other files', 0, min(path) || CASE count(*) WHEN 1 THEN '' ELSE ' and ' || (count(*) - 1)
         || ' more' END || ' can be written by everybody'
  FROM files WHERE NOT system HAVING count(*) > 0
UNION ALL
SELECT 'files', 1, w.files || ' files, none of which everybody can write' FROM file_walk AS w
 WHERE NOT EXISTS (SELECT 1 FROM files)
