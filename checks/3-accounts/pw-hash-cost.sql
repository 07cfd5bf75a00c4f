-- id: pw-hash-cost
-- title: No password hash is cheaper than its method's default
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1110.002,T1003.008 cis-v8=3.11 iso27001=A.8.24 mcsb=IM-6 nist-csf=PR.AA-01
-- why: The cost of a hash is what a guess costs whoever stole it. A cost below the default was set
--   by mistake or for a slow machine long ago; a good method does not make up for it.
-- fix: Remove rounds= from the pam_unix.so line of /etc/pam.d/common-password (Red Hat: system-auth,
--   by authselect) and SHA_CRYPT_MIN_ROUNDS and YESCRYPT_COST_FACTOR from /etc/login.defs,
--   then give the account a new password: passwd NAME
-- pass: base
-- fail: pw-hash-cost
WITH cheap AS (
  SELECT username, file, line, hash_algorithm, hash_cost,
         CASE hash_algorithm
         WHEN 'bcrypt' THEN CAST(hash_cost AS INTEGER) < 10
         WHEN 'sha512crypt' THEN hash_cost <> '' AND CAST(hash_cost AS INTEGER) < 5000
         WHEN 'sha256crypt' THEN hash_cost <> '' AND CAST(hash_cost AS INTEGER) < 5000
         WHEN 'yescrypt' THEN length(hash_cost) = 3
              AND (substr(hash_cost, 2, 1) < '9' OR substr(hash_cost, 3, 1) < '5')
         WHEN 'gost-yescrypt' THEN length(hash_cost) = 3
              AND (substr(hash_cost, 2, 1) < '9' OR substr(hash_cost, 3, 1) < '5')
         WHEN 'scrypt' THEN substr(hash_cost, 1, 1) < 'C'
         ELSE 0 END AS low
    FROM shadow
   WHERE password_status = 'set')
SELECT 'account ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' ' || username || ' has a ' || hash_algorithm || ' hash of cost '
         || hash_cost AS evidence
  FROM cheap
 WHERE low
UNION ALL
SELECT 'password policy', r.number >= 5000, r.evidence || '; ' || m.evidence
  FROM policy AS r JOIN policy AS m ON m.name = 'encrypt_method'
 WHERE r.name = 'rounds' AND lower(m.value) IN ('sha512', 'sha256')
UNION ALL
SELECT 'hashes', 1, count(*) || ' passwords' FROM cheap
HAVING count(*) > 0 AND max(low) = 0
