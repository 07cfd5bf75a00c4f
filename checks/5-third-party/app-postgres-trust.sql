-- id: app-postgres-trust
-- title: PostgreSQL asks everybody who they are
-- practice: 5-third-party
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1078 cis-v8=6.3 iso27001=A.8.5 mcsb=IM-3 nist-csf=PR.AA-03
-- why: A line with "trust" lets everybody from that address in as any user, also as the superuser,
--   who runs programs on the machine. "password" sends it in clear text, md5 is easily guessed.
-- fix: Replace the method in the line that the evidence names by scram-sha-256 (or peer on local
--   lines), then: systemctl reload postgresql
-- pass: with-databases
-- fail: app-postgres-trust
WITH lines AS (
SELECT file, file || ':' || line || ' ' || name || ' ' || value AS evidence,
       value LIKE '% trust%' AS trust, value LIKE '% local %' AS here,
       value LIKE '% password%' AND value NOT LIKE '% local %' AS clear
  FROM service_settings WHERE service = 'pg_hba')
SELECT 'file ' || file AS resource, NOT max(trust OR clear) AS healthy,
       coalesce(group_concat(CASE WHEN trust OR clear THEN evidence END, '; '),
                file || ': every line asks') AS evidence,
       CASE WHEN NOT max(trust AND NOT here) THEN 'medium' END AS severity
  FROM lines
 GROUP BY file
