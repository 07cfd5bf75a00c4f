-- id: suid-shell
-- title: No shell, interpreter or copying tool is set-uid
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: critical
-- applies: linux
-- maps: attack=T1548.001 cis-v8=4.8,5.4 iso27001=A.8.2,A.8.18 mcsb=ES-2 nist-csf=DE.CM-09
-- why: A set-uid shell makes root of every account, and of every hole in a web site, in one step.
--   Nobody needs it; somebody left it there.
-- fix: chmod u-s,g-s FILE, or remove a copy that belongs to no package;
--   then find out since when it is so (stat FILE) and who was root at that time.
-- action: mode -6000 -
-- pass: base
-- fail: suid-shell
WITH files AS (
  SELECT *, replace(path, rtrim(path, replace(path, '/', '')), '') AS name FROM file_findings
   WHERE kind IN ('suid', 'sgid')),
bad AS (
  SELECT * FROM files
   WHERE name IN ('sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'rbash', 'fish', 'csh', 'tcsh',
                  'busybox', 'python', 'python2', 'perl', 'ruby', 'php', 'lua', 'node', 'gdb',
                  'vi', 'vim', 'nano', 'ed', 'emacs', 'less', 'more', 'find', 'awk', 'gawk', 'mawk',
                  'env', 'nice', 'cp', 'mv', 'dd', 'tee', 'cat', 'tar', 'cpio', 'rsync', 'nmap',
                  'nc', 'socat', 'curl', 'wget', 'docker', 'systemctl', 'make', 'xargs', 'strace',
                  'base64', 'tail', 'head', 'chmod', 'chown', 'openssl', 'screen')
      OR name GLOB 'python[0-9]*' OR name GLOB 'perl[0-9]*' OR name GLOB 'php[0-9]*'
      OR (package = '' AND kind = 'suid' AND uid = 0
          AND (path LIKE '/tmp/%' OR path LIKE '/var/tmp/%' OR path LIKE '/dev/shm/%'
               OR path LIKE '/var/www/%' OR name LIKE '.%')))
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid || ':' || gid
         || ', changed ' || date(mtime, 'unixepoch') AS evidence,
       CASE WHEN kind = 'sgid' OR uid <> 0 THEN 'high'
            WHEN ',' || mount_flags || ',' LIKE '%,nosuid,%' THEN 'medium'
            ELSE 'critical' END AS severity
  FROM bad
UNION ALL
SELECT 'set-uid files', 1, count(*) || ' set-uid and set-gid files', 'critical' FROM files
 WHERE EXISTS (SELECT 1 FROM file_walk)
HAVING NOT EXISTS (SELECT 1 FROM bad) AND EXISTS (SELECT 1 FROM file_walk)
