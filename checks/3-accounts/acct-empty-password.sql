-- id: acct-empty-password
-- title: No account has an empty password
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1078.003,T1110.001 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: An account with an empty password opens for whoever knows its name: on the console, by su,
--   and from the network where a service accepts empty passwords.
-- fix: Lock the account, or give it a password:
--     passwd -l NAME
--   If "x" is missing in the second field of /etc/passwd, run pwconv as well.
-- action: account-lock
-- pass: base
-- fail: acct-empty-password
SELECT 'account ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' ' || username || ' has an empty password' AS evidence,
       username IN (SELECT username FROM guessable_accounts) AS reachable,
       CASE WHEN username IN (SELECT username FROM users WHERE interactive = 0)
            THEN 'high' ELSE 'critical' END AS severity
  FROM shadow
 WHERE password_status = 'empty'
UNION ALL
SELECT 'accounts', 1, count(*) || ' accounts, none with an empty password', 0, 'critical'
  FROM shadow
HAVING count(*) > 0 AND sum(password_status = 'empty') = 0
