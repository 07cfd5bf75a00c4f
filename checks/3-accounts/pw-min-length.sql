-- id: pw-min-length
-- title: New passwords have at least 15 characters, or 8 beside a second factor
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1110.001,T1110.002 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: Length is what makes a password hard to guess; rules about capitals and digits are not.
--   NIST SP 800-63B (revision 4) asks for 15 characters where a password alone lets people in, 8
--   where a second factor is asked as well. Without this limit, "p@ssword123!" is a good password
--   for the machine.
-- fix: apt install libpam-pwquality   (Red Hat: has it)
--   and write /etc/security/pwquality.conf.d/10-length.conf:
--     minlen = 15
--   A minlen in /etc/security/pwquality.conf itself counts for more: remove it there.
-- action: pwquality minlen 15
-- pass: base
-- fail: pw-min-length
WITH factor AS (
  SELECT count(*) > 0 AND min(second_factor) = 1 AS second
    FROM ssh_access WHERE allowed = 1 AND (password = 1 OR kbdint = 1 OR second_factor = 1))
SELECT 'password policy' AS resource, number >= CASE second WHEN 1 THEN 8 ELSE 15 END AS healthy,
       evidence || CASE second WHEN 1 THEN ' beside a second factor' ELSE '' END AS evidence,
       CASE WHEN number >= 14 THEN 'low'
            WHEN EXISTS (SELECT 1 FROM guessable_accounts) THEN 'high' ELSE 'medium' END AS severity
  FROM policy, factor
 WHERE name = 'minlen'
