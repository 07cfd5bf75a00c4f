-- id: acct-home
-- title: Accounts that log in have a home of their own
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1098.004 cis-v8=4.1 iso27001=A.8.3 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Whoever can make the missing directory, or share it, decides about the keys and start-up
--   files of the account.
-- fix: Make it (mkhomedir_helper NAME), or take the shell away:
--     usermod -s /usr/sbin/nologin NAME
-- pass: base
-- fail: acct-home
WITH people AS (
  SELECT *, count(*) OVER (PARTITION BY directory) AS shared
    FROM users WHERE interactive = 1 AND (uid = 0 OR uid BETWEEN 1000 AND 65533))
SELECT 'account ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' home ' || directory || CASE
         WHEN home_exists = 0 THEN ' does not exist' ELSE ' belongs to another account too' END
         AS evidence
  FROM people
 WHERE home_exists = 0 OR (shared > 1 AND uid <> 0)
UNION ALL
SELECT 'homes', 1, count(*) || ' homes' FROM people
HAVING count(*) > 0 AND sum(home_exists = 0 OR (shared > 1 AND uid <> 0)) = 0
