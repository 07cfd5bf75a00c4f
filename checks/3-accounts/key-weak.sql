-- id: key-weak
-- title: No authorised key is of a kind that can be broken
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1110,T1552.004 cis-v8=3.10 iso27001=A.8.24 mcsb=IM-6 nist-csf=PR.AA-03
-- why: DSA keys and RSA keys below 2,048 bits are too short today: the private key can be computed
--   from the public one, or nearly so.
-- fix: Let the owner make a new key (ssh-keygen -t ed25519), add it, and remove the old line.
-- action: comment
-- pass: base
-- fail: key-weak
WITH keys AS (
  SELECT *, key_type LIKE 'ssh-dss%' OR (key_type LIKE '%rsa%' AND bits BETWEEN 1 AND 2047) AS weak
    FROM authorized_keys)
SELECT 'key ' || fingerprint AS resource, 0 AS healthy,
       file || ':' || line || ' ' || key_type || ' ' || bits || ' bits, opens ' || username
         AS evidence,
       EXISTS (SELECT 1 FROM exposed_logins WHERE ssh) AS reachable
  FROM keys
 WHERE weak
UNION ALL
SELECT 'authorised keys', 1, count(*) || ' keys', 0 FROM keys
HAVING count(*) > 0 AND max(weak) = 0
