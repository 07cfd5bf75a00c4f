-- id: acct-gid-missing
-- title: The primary group of every account exists
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1136.001 cis-v8=5.1 iso27001=A.5.18 mcsb=PA-7 nist-csf=PR.AA-05
-- why: A number without a group is free: whoever gets the next group with that number gets the
--   files of these accounts with it.
-- fix: Make the group (groupadd -g GID NAME) or give the account another (usermod -g GROUP NAME).
-- pass: base
-- fail: acct-gid-missing
SELECT 'account ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' ' || username || ' has gid ' || gid || ', which is no group'
         AS evidence
  FROM users
 WHERE gid >= 0 AND gid NOT IN (SELECT gid FROM groups)
UNION ALL
SELECT 'accounts', 1, count(*) || ' accounts' FROM users
HAVING count(*) > 0 AND sum(gid >= 0 AND gid NOT IN (SELECT gid FROM groups)) = 0
