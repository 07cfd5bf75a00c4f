-- id: rhosts
-- title: No .rhosts, .shosts, hosts.equiv or .netrc
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1078.003,T1552.001 cis-v8=4.1 iso27001=A.8.5 mcsb=IM-6 nist-csf=PR.AA-03
-- why: The first three let other machines in without a password, for what they say their name is.
--   .netrc holds passwords of other machines in plain text.
-- fix: rm FILE; where .netrc is needed by a program, use a token with few rights and mode 600.
-- action: remove
-- pass: base
-- fail: rhosts
WITH trust AS (
  SELECT path, kind, mode, size FROM home_files
   WHERE kind IN ('rhosts', 'shosts', 'netrc')
     AND (type = 'regular' OR (type = 'symlink' AND target <> '/dev/null'))
  UNION ALL
  SELECT path, 'equiv', mode, size FROM file_permissions
   WHERE path IN ('/etc/hosts.equiv', '/etc/shosts.equiv', '/etc/ssh/shosts.equiv')
     AND type = 'regular')
SELECT 'file ' || path AS resource, size = 0 AS healthy,
       path || CASE kind WHEN 'netrc' THEN ' holds passwords, mode ' || printf('%04o', mode)
                         ELSE ' lets other machines in' END AS evidence,
       CASE WHEN kind = 'netrc' AND mode & 63 = 0 THEN 'medium' ELSE 'high' END AS severity
  FROM trust
UNION ALL
SELECT 'homes', 1, count(*) || ' accounts with a shell, no file of this kind', 'high' FROM users
 WHERE interactive = 1
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM trust)
