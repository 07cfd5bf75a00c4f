-- id: acct-gid0
-- title: Only root is in the group with number 0
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1098.007,T1078.003 cis-v8=5.4 iso27001=A.8.2 mcsb=PA-1 nist-csf=PR.AA-05
-- why: Many files of root can be read, and some written, by its group. An account in that group
--   has rights nobody thinks of.
-- fix: Take the account out: gpasswd -d NAME root, and where it is the primary group:
--     usermod -g GROUP NAME
-- pass: base
-- fail: acct-gid0
SELECT 'account ' || u.username AS resource, u.uid = 0 AS healthy,
       u.file || ':' || u.line || ' ' || u.username || ' is in group ' || g.groupname AS evidence
  FROM user_groups AS g JOIN users AS u ON u.username = g.username
 WHERE g.gid = 0
   AND u.username NOT IN ('sync', 'shutdown', 'halt', 'operator')
