-- id: pw-history
-- title: The last five passwords cannot be used again
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1110.004 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: A password that was changed because it had leaked is worthless if it can be set again.
-- fix: Debian 12 and later: add to /usr/share/pam-configs/pwhistory a profile with
--     Password: requisite pam_pwhistory.so remember=5 enforce_for_root use_authtok
--   and run pam-auth-update.
--   Red Hat: authselect enable-feature with-pwhistory,
--   and remember = 5 in /etc/security/pwhistory.conf.
-- action: pwhistory 5
-- pass: base
-- fail: pw-history
SELECT 'password policy' AS resource, number >= 5 AS healthy, evidence
  FROM policy
 WHERE name = 'remember'
