-- id: history-secrets
-- title: No secret stands in a shell history
-- practice: 6-monitoring
-- control: remediate-vulnerabilities
-- severity: high
-- applies: linux
-- maps: attack=T1552.003 cis-v8=3.11 iso27001=A.8.12 mcsb=IM-8 nist-csf=PR.DS-01
-- why: What was typed behind -p or in an address stays in .bash_history. It is the first file that
--   an intruder reads, and it opens the next machine.
-- fix: Change the secret first: it must be taken as known. Then delete the line (history -d N;
--   history -w, or an editor), and type secrets only where programs ask for them.
--   Programs take files: mysql --defaults-extra-file, curl --netrc-file, both with mode 600.
-- pass: base
-- fail: history-secrets
WITH found AS (SELECT * FROM secrets WHERE file LIKE '%history%' OR file LIKE '%hist')
SELECT 'file ' || file AS resource, 0 AS healthy,
       file || ':' || min(line) || ' ' || kind || ' ' || masked
         || CASE WHEN count(*) > 1 THEN ' and ' || (count(*) - 1) || ' more' ELSE '' END AS evidence
  FROM found
 GROUP BY file
UNION ALL
SELECT 'histories', 1, count(*) || ' accounts, no secret found' FROM users WHERE interactive = 1
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM found)
