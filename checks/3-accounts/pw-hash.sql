-- id: pw-hash
-- title: No password is kept as a hash that is quick to guess
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1110.002,T1003.008 cis-v8=3.11 iso27001=A.8.24 mcsb=IM-6 nist-csf=PR.AA-01
-- why: One graphics card guesses an MD5 or DES hash at billions of tries a second. Whoever gets
--   hold of a backup of /etc/shadow then has the passwords. DES looks at eight characters only.
-- fix: Set a strong method first (ENCRYPT_METHOD YESCRYPT in /etc/login.defs,
--   yescrypt or sha512 on the pam_unix.so line), then give the account a new password: passwd NAME
-- pass: base
-- fail: pw-hash
SELECT 'account ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' ' || username || ' has a ' || hash_algorithm || ' hash' AS evidence,
       CASE WHEN hash_algorithm IN ('sha1crypt', 'sunmd5') THEN 'medium' ELSE 'high' END AS severity
  FROM shadow
 WHERE hash_algorithm IN ('descrypt', 'bigcrypt', 'bsdicrypt', 'md5crypt', 'nthash', 'sha1crypt',
                          'sunmd5', 'unknown')
   AND password_status = 'set'
UNION ALL
SELECT 'hashes', 1, count(*) || ' passwords: ' || group_concat(DISTINCT hash_algorithm), 'high'
  FROM shadow
 WHERE password_status = 'set'
HAVING count(*) > 0 AND max(hash_algorithm IN ('descrypt', 'bigcrypt', 'bsdicrypt', 'md5crypt',
                            'nthash', 'sha1crypt', 'sunmd5', 'unknown')) = 0
