-- id: sudo-wide
-- title: Only administrators may run everything by sudo
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1548.003,T1078.003 cis-v8=5.4,6.8 iso27001=A.8.2 mcsb=PA-7 nist-csf=PR.AA-05
-- why: A rule for ALL users, for the group of all users or for the account of a program makes root
--   of whoever gets in there first.
-- fix: Name people or a group of administrators, and single commands for programs;
--   edit with visudo -f FILE.
-- pass: base
-- fail: sudo-wide
WITH wide AS (
  SELECT *, user IN ('ALL', '%users', '%nogroup', '%www-data', '%apache', '%nginx')
            OR user IN (SELECT username FROM service_accounts) AS bad
    FROM sudo_rules
   WHERE all_commands = 1 AND negated = 0
     AND (runas LIKE '%ALL%' OR runas LIKE '%root%' OR runas LIKE '%#0%'))
SELECT 'sudo rule of ' || user AS resource, 0 AS healthy,
       file || ':' || line || ' ' || rule AS evidence
  FROM wide
 WHERE bad
UNION ALL
SELECT 'sudo', 1, count(*) || ' rules for everything, all of administrators' FROM wide
HAVING count(*) > 0 AND max(bad) = 0
