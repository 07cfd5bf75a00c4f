-- id: pw-min-length
-- title: New passwords have at least 14 characters
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1110.001,T1110.002 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: Length is what makes a password hard to guess; rules about capitals and digits are not
--   (NIST SP 800-63B). Without this limit, "p@ssword123!" is a good password for the machine.
-- fix: apt install libpam-pwquality   (Red Hat: has it)
--   and write /etc/security/pwquality.conf.d/10-length.conf:
--     minlen = 14
--   A minlen in /etc/security/pwquality.conf itself counts for more: remove it there.
-- pass: base
-- fail: pw-min-length
SELECT 'password policy' AS resource, number >= 14 AS healthy, evidence,
       CASE WHEN EXISTS (SELECT 1 FROM guessable_accounts) THEN 'high' ELSE 'medium' END AS severity
  FROM policy
 WHERE name = 'minlen'
