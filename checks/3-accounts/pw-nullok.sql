-- id: pw-nullok
-- title: PAM refuses empty passwords
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1078.003 cis-v8=5.2 iso27001=A.8.5 mcsb=IM-6 nist-csf=PR.AA-03
-- why: With nullok an account whose password field is emptied, by mistake or by an intruder,
--   opens at once.
-- fix: Remove the word nullok from the pam_unix.so lines.
--   Debian: in /usr/share/pam-configs/unix, then pam-auth-update;
--   Red Hat: authselect enable-feature without-nullok.
-- action: pam-without pam_unix.so nullok
-- pass: base
-- fail: pw-nullok
SELECT 'password policy' AS resource, value = 'no' AS healthy, evidence,
       CASE WHEN EXISTS (SELECT 1 FROM shadow WHERE password_status = 'empty') THEN 'high'
            ELSE 'low' END AS severity
  FROM policy
 WHERE name = 'nullok'
