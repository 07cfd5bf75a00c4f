-- id: group-password
-- title: No group has a password
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1098.007,T1110.002 cis-v8=5.2 iso27001=A.5.17 mcsb=PA-7 nist-csf=PR.AA-05
-- why: A group password lets everybody who knows it join the group for the moment (newgrp). It is
--   shared, never expires and is tried without a limit.
-- fix: Remove it and name the members instead: gpasswd -r GROUP; gpasswd -a NAME GROUP
-- pass: base
-- fail: group-password
SELECT 'group ' || groupname AS resource, 0 AS healthy,
       file || ':' || line || ' ' || groupname || ' has a password' AS evidence
  FROM groups
 WHERE password_set = 1
UNION ALL
SELECT 'groups', 1, count(*) || ' groups, none with a password' FROM groups
HAVING count(*) > 0 AND sum(password_set) = 0
