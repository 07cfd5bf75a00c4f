-- id: pw-composition
-- title: New passwords need no particular kinds of characters
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1110.001 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: Who must use a capital, a digit and a sign writes "Password1!", which is tried among the
--   first hundreds, and longer passwords that are easy to remember are refused. NIST SP 800-63B
--   (revision 4) forbids such rules; length and a list of known passwords take their place.
-- fix: Remove minclass, dcredit, ucredit, lcredit and ocredit from /etc/security/pwquality.conf and
--   from /etc/security/pwquality.conf.d, and from the pam_pwquality.so line; set minlen = 15 instead.
-- action: pwquality minclass - dcredit - ucredit - lcredit - ocredit -
-- pass: base
-- fail: pw-composition
SELECT 'password policy' AS resource,
       max((name = 'minclass' AND number > 0) OR (name <> 'minclass' AND number < 0)) = 0 AS healthy,
       ifnull(group_concat(CASE WHEN (name = 'minclass' AND number > 0)
                                  OR (name <> 'minclass' AND number < 0) THEN evidence END, '; '),
              'no kinds of characters are asked for') AS evidence
  FROM policy
 WHERE name IN ('minclass', 'dcredit', 'ucredit', 'lcredit', 'ocredit')
HAVING count(*) > 0
