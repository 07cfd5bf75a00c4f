-- id: sudo-file-perm
-- title: Only root can write the rules of sudo
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1548.003,T1222.002 cis-v8=3.3,5.4 iso27001=A.8.3 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Who can write these files is root with one more line; who can read them knows which account
--   to attack.
-- fix: chown root:root FILE; chmod 0440 FILE (directories: 0750)
-- action: mode -0027 root:root
-- pass: base
-- fail: sudo-file-perm
SELECT 'file ' || path AS resource,
       uid = 0 AND (gid = 0 OR mode & 16 = 0) AND mode & 2 = 0
         AND (mode & 4 = 0 OR type = 'directory') AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid || ':' || gid AS evidence,
       CASE WHEN uid <> 0 OR (gid <> 0 AND mode & 16) OR mode & 2 THEN 'high' ELSE 'low' END
         AS severity
  FROM file_permissions
 WHERE (path = '/etc/sudoers' OR path = '/etc/sudoers.d' OR path LIKE '/etc/sudoers.d/%')
   AND type <> 'symlink'
