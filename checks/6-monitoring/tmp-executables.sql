-- id: tmp-executables
-- title: No program hides in a temporary directory
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: high
-- applies: linux
-- maps: attack=T1564.001,T1036.005,T1105 cis-v8=2.5,10.1 iso27001=A.8.7 mcsb=ES-2 nist-csf=DE.CM-09
-- why: /tmp, /var/tmp and /dev/shm are where every account may write, so that is where tools of
--   intruders are unpacked; a name that begins with a dot is there to be overlooked.
-- fix: Keep a copy as evidence, see whether it runs (fuser -v FILE), remove it,
--   and mount these directories with noexec (/etc/fstab: tmpfs /tmp tmpfs nodev,nosuid,noexec 0 0).
-- pass: base
-- fail: tmp-executables
WITH files AS (
  SELECT *, path LIKE '/dev/shm/%' OR path LIKE '/tmp/.%' OR path LIKE '/var/tmp/.%'
            OR (path NOT LIKE '/tmp/%' AND path NOT LIKE '/var/tmp/%')
            OR replace(path, rtrim(path, replace(path, '/', '')), '') LIKE '.%' AS hidden
    FROM file_findings WHERE kind = 'suspicious_exec')
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid || ', changed '
         || date(mtime, 'unixepoch') AS evidence, 'high' AS severity
  FROM files WHERE hidden
UNION ALL
SELECT 'programs in /tmp', 0, min(path) || CASE count(*) WHEN 1 THEN '' ELSE ' and '
         || (count(*) - 1) || ' more' END || ', owner ' || uid, 'low'
  FROM files WHERE NOT hidden HAVING count(*) > 0
UNION ALL
SELECT 'files', 1, w.files || ' files, no hidden program', 'high' FROM file_walk AS w
 WHERE NOT EXISTS (SELECT 1 FROM files)
