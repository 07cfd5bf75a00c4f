-- id: device-files
-- title: Device files are in /dev only
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: high
-- applies: linux
-- maps: attack=T1006,T1564 cis-v8=3.3 iso27001=A.8.3 mcsb=ES-2 nist-csf=DE.CM-09
-- why: A device file of the disk that somebody else may read gives every file on it, whatever their
--   modes say.
-- fix: rm FILE, and mount homes and /tmp with nodev (/etc/fstab, then mount -o remount DIR).
-- pass: base
-- fail: device-files
WITH files AS (
  SELECT *, path LIKE '/%/dev/%' OR path LIKE '/var/spool/postfix/%'
            OR ',' || mount_flags || ',' LIKE '%,nodev,%' AS harmless
    FROM file_findings WHERE kind = 'device')
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' is a device, mode ' || printf('%04o', mode) || ', owner ' || uid AS evidence,
       'high' AS severity
  FROM files WHERE NOT harmless
UNION ALL
SELECT 'devices of chroots', 0, min(path) || CASE count(*) WHEN 1 THEN '' ELSE ' and '
         || (count(*) - 1) || ' more' END, 'info'
  FROM files WHERE harmless HAVING count(*) > 0
UNION ALL
SELECT 'files', 1, w.files || ' files, no device outside /dev', 'high' FROM file_walk AS w
 WHERE NOT EXISTS (SELECT 1 FROM files)
