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
SELECT 'file ' || file AS resource, min(value NOT LIKE '% trust%'
       AND (value LIKE '% local %' OR value LIKE '% hostnossl %' OR value NOT LIKE '% password%'))
       AS healthy,
       group_concat(CASE WHEN value LIKE '% trust%' OR value LIKE '% password%'
                         THEN file || ':' || line || ' ' || name || ' ' || value END, '; ')
       AS evidence,
       CASE WHEN max(value LIKE '% trust%' AND value NOT LIKE '% local %') THEN 'high'
            ELSE 'medium' END AS severity
  FROM service_settings
 WHERE service = 'pg_hba'
 GROUP BY file
