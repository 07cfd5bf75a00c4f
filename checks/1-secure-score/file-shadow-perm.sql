-- id: file-shadow-perm
-- title: Password hashes are not readable by others
-- practice: 1-secure-score
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1003.008 cis-v8=3.3 iso27001=A.8.3 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Who reads the hashes in shadow can try millions of passwords a second on his own machine,
--   unseen. The backups with a - at the end hold the same hashes.
-- fix: chown root:shadow FILE; chmod 640 FILE
--   (RHEL, Alpine: chown root:root; chmod 600.) Change the passwords if others could read it.
-- action: mode -0037 root:shadow,root
-- pass: base
-- fail: file-shadow-perm
SELECT path AS resource,
       mode & 31 = 0 AND uid = 0
       AND (mode & 32 = 0
            OR gid IN (SELECT gid FROM groups WHERE groupname IN ('root', 'shadow')))
       AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid || ':' || gid AS evidence,
       CASE WHEN mode & 6 = 0 THEN 'high' END AS severity
  FROM file_permissions
 WHERE path IN ('/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-')
   AND type <> 'symlink'
