-- id: acct-shadowed
-- title: Password hashes stand in shadow, not in passwd
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1003.008 cis-v8=3.11 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: Everybody can read /etc/passwd. A hash that stands there can be taken away by any account
--   or a hole in a web site, and guessed elsewhere at billions of tries a second.
-- fix: Run pwconv, which moves the hashes to /etc/shadow; then give these accounts new passwords.
-- action: account-shadow
-- pass: base
-- fail: acct-shadowed
SELECT 'account ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' the hash of ' || username || ' is readable by all' AS evidence
  FROM users
 WHERE password_field = 'other'
UNION ALL
SELECT 'passwords', 1, count(*) || ' accounts, no hash in /etc/passwd' FROM users
HAVING count(*) > 0 AND sum(password_field = 'other') = 0
