-- id: tmp-executables
-- title: No program hides in a temporary directory
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: high
-- applies: linux
-- maps: attack=T1564.001,T1036.005,T1105 cis-v8=2.5,10.1 iso27001=A.8.7 mcsb=ES-2 nist-csf=DE.CM-09
-- why: /tmp, /var/tmp and /dev/shm are where every account may write, so that is where tools of
--   intruders are unpacked; a name that begins with a dot is there to be overlooked.
-- fix: Keep a copy as evidence, see whether it runs (fuser -v FILE), remove it, and mount these
--   directories with noexec (/etc/fstab: tmpfs /tmp tmpfs nodev,nosuid,noexec 0 0).
-- pass: base
-- fail: tmp-executables
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid || ', changed '
         || date(mtime, 'unixepoch') AS evidence,
       CASE WHEN path LIKE '%/.%' OR path LIKE '/dev/shm/%' OR path LIKE '/usr/%' OR path LIKE '/etc/%'
                 OR path LIKE '/lib%' OR path LIKE '/bin/%' THEN 'high' ELSE 'medium' END AS severity
  FROM file_findings
 WHERE kind = 'suspicious_exec'
UNION ALL
SELECT 'files', 1, files || ' files, no hidden program', 'high' FROM file_walk
 WHERE NOT EXISTS (SELECT 1 FROM file_findings WHERE kind = 'suspicious_exec')
