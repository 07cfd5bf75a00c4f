-- id: pw-shared-hash
-- title: No two accounts have the same password hash
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1110.003,T1078.003 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: A hash with the same salt can only have been copied: these accounts share one password, and
--   who knows the one has the other.
-- fix: Give each account its own password: passwd NAME
-- pass: base
-- fail: pw-shared-hash
SELECT 'account ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' ' || username || ' has the hash of ' || same_hash || ' other'
         AS evidence
  FROM shadow
 WHERE same_hash > 0 AND password_status = 'set'
UNION ALL
SELECT 'passwords', 1, count(*) || ' passwords' FROM shadow
 WHERE password_status = 'set'
HAVING count(*) > 0 AND max(same_hash) = 0
