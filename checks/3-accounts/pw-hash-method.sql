-- id: pw-hash-method
-- title: New passwords are hashed with yescrypt, bcrypt or SHA-512
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1110.002 cis-v8=3.11 iso27001=A.8.24 mcsb=IM-6 nist-csf=PR.AA-01
-- why: The method decides how long a stolen file of hashes withstands: hours with MD5 or DES, many
--   years with yescrypt and a good password.
-- fix: ENCRYPT_METHOD YESCRYPT in /etc/login.defs (SHA512 where the system is older),
--   and the same word, yescrypt or sha512, on the pam_unix.so line of /etc/pam.d/common-password
--   (Red Hat: system-auth and password-auth, by authselect).
-- action: pam-hash yescrypt
-- pass: base
-- fail: pw-hash-method
SELECT 'password policy' AS resource,
       lower(replace(value, '-', '_')) IN ('yescrypt', 'gost_yescrypt', 'blowfish', 'bcrypt',
                                           'sha512') AS healthy,
       evidence
  FROM policy
 WHERE name = 'encrypt_method'
