-- id: pw-expiry
-- title: No password has to be changed every few months
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1110.001 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: Who must invent a new password every season writes the season and the year. NIST SP 800-63B
--   (revision 4) forbids forced changes without a sign that the password is known to others.
-- fix: PASS_MAX_DAYS 365 in /etc/login.defs, or 99999 where a password alone opens nothing from
--   outside, and for accounts that exist: chage -M 365 NAME
-- action: password-age 365
-- pass: base
-- fail: pw-expiry
SELECT 'account ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' the password of ' || username || ' expires after ' || max_age
         || ' days' AS evidence
  FROM shadow
 WHERE password_status = 'set' AND max_age BETWEEN 1 AND 179
UNION ALL
SELECT 'password policy', number NOT BETWEEN 1 AND 179, evidence
  FROM policy
 WHERE name = 'pass_max_days'
