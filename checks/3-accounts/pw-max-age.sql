-- id: pw-max-age
-- title: Passwords that open the machine from outside are changed once a year
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1078 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: A password that leaked elsewhere stays good until it is changed. Where only keys or a second
--   factor open the machine, NIST SP 800-63B advises against such a date, and so does this check.
-- fix: Better than a date are keys:
--   "PasswordAuthentication no" in /etc/ssh/sshd_config.d/10-keys.conf.
--   Else: PASS_MAX_DAYS 365 in /etc/login.defs, and for accounts that exist: chage -M 365 NAME
-- action: password-age 365
-- pass: base
-- fail: pw-max-age
SELECT 'account ' || s.username AS resource, 0 AS healthy,
       s.file || ':' || s.line || ' the password of ' || s.username || ' never expires' AS evidence
  FROM shadow AS s
 WHERE s.username IN (SELECT username FROM guessable_accounts) AND s.password_status = 'set'
   AND ifnull(s.max_age, 99999) NOT BETWEEN 1 AND 365
UNION ALL
SELECT 'password policy',
       p.number BETWEEN 1 AND 365 OR NOT EXISTS (SELECT 1 FROM guessable_accounts), p.evidence
  FROM policy AS p
 WHERE p.name = 'pass_max_days'
