-- id: web-autoindex
-- title: Web servers list no directories
-- practice: 5-third-party
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1083,T1595.003 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: A listing shows backups, old copies and uploads that nobody was meant to find.
-- fix: nginx: remove "autoindex on"; Apache: "Options -Indexes" in the <Directory> that the
--   evidence names (or: a2dismod autoindex). Then reload the server.
-- pass: with-nginx
-- fail: web-autoindex
WITH bad AS (
SELECT server, context, file, line, directive, value FROM web_server_config
 WHERE directive = 'autoindex' AND lower(value) = 'on'
    OR directive = 'options' AND (' ' || lower(value) || ' ' LIKE '% indexes %'
                                  OR ' ' || lower(value) || ' ' LIKE '% +indexes %'
                                  OR lower(value) = 'all')
       AND context NOT LIKE '%/usr/share%')
SELECT server || ' ' || context AS resource, 0 AS healthy,
       file || ':' || line || ' ' || directive || ' ' || value AS evidence
  FROM bad
UNION ALL
SELECT DISTINCT server, 1, 'no directory is listed' FROM web_server_config w
 WHERE NOT EXISTS (SELECT 1 FROM bad b WHERE b.server = w.server)
