-- id: acct-dup-group
-- title: Every group has a name and a number of its own
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1098.007 cis-v8=5.1 iso27001=A.5.18 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Groups with the same number are one group for the kernel, whatever their names promise:
--   members of the harmless one have the rights of the other.
-- fix: Give one of them a new number and hand its files over:
--     groupmod -g NEWGID NAME; find / -xdev -gid OLDGID -exec chgrp -h NEWGID {} +
--   Remove second lines with vigr.
-- pass: base
-- fail: acct-dup-group
WITH counted AS (
  SELECT *, count(*) OVER (PARTITION BY gid) AS same_gid,
         count(*) OVER (PARTITION BY groupname) AS same_name
    FROM groups WHERE gid >= 0)
SELECT 'group ' || groupname || ' line ' || line AS resource, 0 AS healthy,
       file || ':' || line || ' ' || groupname || ' shares '
         || CASE WHEN same_name > 1 THEN 'its name' ELSE 'gid ' || gid END
         || ' with ' || (max(same_name, same_gid) - 1) || ' other' AS evidence
  FROM counted
 WHERE same_name > 1 OR same_gid > 1
UNION ALL
SELECT 'groups', 1, count(*) || ' groups' FROM counted
HAVING count(*) > 0 AND max(max(same_name, same_gid)) = 1
