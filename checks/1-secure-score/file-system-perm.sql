-- id: file-system-perm
-- title: Only root writes the configuration and programs of the system
-- practice: 1-secure-score
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1222.002,T1574 cis-v8=3.3 iso27001=A.8.3 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Who may write to a file that root reads at boot or at login, such as a unit, a sudo rule or
--   a directory of programs, is root soon after.
-- fix: chown root:root FILE; chmod go-w FILE
--   Then look whether it was changed: debsums -c, or rpm -V PACKAGE.
-- action: mode -0022 root
-- pass: base
-- fail: file-system-perm
WITH files AS (
SELECT path, mode, uid,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid || ':' || gid AS evidence
  FROM file_permissions
 WHERE type <> 'symlink'
   AND (path LIKE '/etc%' OR path LIKE '/boot%' OR path LIKE '/usr/%' OR path LIKE '/lib/%'
        OR path LIKE '/opt%' OR path LIKE '%.sock'
        OR path IN ('/', '/bin', '/sbin', '/lib', '/root', '/home'))
   AND path NOT IN ('/etc/passwd', '/etc/passwd-', '/etc/group', '/etc/group-', '/etc/shadow',
                    '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-')),
bad AS (
SELECT path, evidence FROM files
 WHERE mode & 2 <> 0 OR uid <> 0 AND path NOT LIKE '/usr/local/%'
    OR mode & 16 <> 0 AND path NOT LIKE '/usr/local/%' AND path NOT LIKE '%.sock')
SELECT path AS resource, 0 AS healthy, evidence FROM bad
UNION ALL
SELECT 'system files', 1, count(*) || ' files and directories are root''s alone' FROM files
 WHERE NOT EXISTS (SELECT 1 FROM bad)
