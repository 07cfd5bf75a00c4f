-- id: su-restricted
-- title: Only members of one group may use su
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1548,T1110.001 cis-v8=5.4,6.8 iso27001=A.8.2 mcsb=PA-7 nist-csf=PR.AA-05
-- why: With su any account, also that of a web server, may guess the passwords of all others.
--   sudo is enough for administrators.
-- fix: Make an empty group and write it into /etc/pam.d/su:
--     groupadd -r sugroup
--     auth required pam_wheel.so use_uid group=sugroup
-- action: su-group sugroup
-- pass: base
-- fail: su-restricted
SELECT 'su' AS resource,
       max(module = 'pam_wheel.so' AND control IN ('required', 'requisite')) AS healthy,
       ifnull(max(CASE WHEN module = 'pam_wheel.so'
                       THEN file || ':' || line || ' ' || control || ' pam_wheel.so ' || arguments
                       END), '/etc/pam.d/su asks no pam_wheel.so') AS evidence
  FROM pam_stack
 WHERE service = 'su' AND type = 'auth'
HAVING count(*) > 0
