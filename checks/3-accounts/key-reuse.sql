-- id: key-reuse
-- title: No key opens two accounts
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1098.004 cis-v8=5.1 iso27001=A.5.16 mcsb=PA-7 nist-csf=PR.AA-01
-- why: When one key opens several accounts, the log does not say who came, and one stolen key is
--   several stolen accounts.
-- fix: Leave the key with the account of the person whom it belongs to,
--   and let that person use sudo -u OTHER for the rest.
-- pass: base
-- fail: key-reuse
WITH keys AS (
  SELECT fingerprint, count(DISTINCT username) AS accounts,
         group_concat(file || ':' || line || ' opens ' || username, '; ') AS evidence
    FROM authorized_keys WHERE fingerprint <> '' AND cert_authority = 0 GROUP BY fingerprint)
SELECT 'key ' || fingerprint AS resource, 0 AS healthy, evidence FROM keys
 WHERE accounts > 1
UNION ALL
SELECT 'authorised keys', 1, count(*) || ' keys' FROM keys
HAVING count(*) > 0 AND max(accounts) = 1
