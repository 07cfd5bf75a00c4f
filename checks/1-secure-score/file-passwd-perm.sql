-- id: file-passwd-perm
-- title: Only root writes passwd and group
-- practice: 1-secure-score
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1098,T1136.001 cis-v8=3.3 iso27001=A.8.3 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Who may write to passwd or group makes himself root with one line.
-- fix: chown root:root FILE; chmod 644 FILE
-- action: mode -0133 root:root
-- pass: base
-- fail: file-passwd-perm
SELECT path AS resource, mode & 91 = 0 AND uid = 0 AND gid = 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid || ':' || gid AS evidence
  FROM file_permissions
 WHERE path IN ('/etc/passwd', '/etc/passwd-', '/etc/group', '/etc/group-')
   AND type <> 'symlink'
