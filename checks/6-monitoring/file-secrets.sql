-- id: file-secrets
-- title: No secret of a cloud or service lies open in a file
-- practice: 6-monitoring
-- control: remediate-vulnerabilities
-- severity: high
-- applies: linux
-- maps: attack=T1552.001,T1552.005 cis-v8=3.11 iso27001=A.8.12 mcsb=IM-8 nist-csf=PR.DS-01
-- why: A key of the cloud account in a file of one server makes the whole account of whoever reads
--   that file.
-- fix: Change the secret, then keep the new one where it belongs:
--   the machine's managed identity, a key vault, systemd credentials (LoadCredentialEncrypted=),
--   or at least a file with mode 600 that only its program reads.
-- pass: base
-- fail: file-secrets
WITH found AS (SELECT * FROM secrets WHERE NOT (file LIKE '%history%' OR file LIKE '%hist'))
SELECT 'file ' || f.file AS resource, 0 AS healthy,
       f.file || ':' || min(f.line) || ' ' || f.kind || ' ' || f.masked
         || CASE WHEN count(*) > 1 THEN ' and ' || (count(*) - 1) || ' more' ELSE '' END AS evidence
  FROM found AS f
 GROUP BY f.file
UNION ALL
SELECT 'files', 1, 'no secret found in well-known files of ' || count(*) || ' accounts' FROM users
 WHERE interactive = 1
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM found)
