-- id: web-auth-intranet
-- title: Administration pages ask who is there
-- practice: 5-third-party
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1190,T1133 cis-v8=6.3,12.7 iso27001=A.8.5 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Database tools, dashboards and build servers behind a web server are looked for by name all
--   the time. Their own logins have had holes; a second lock in front costs one line.
-- fix: In the location that the evidence names:
--   nginx: allow 198.51.100.0/24; deny all; or auth_basic "admin"; auth_basic_user_file FILE;
--   Apache: Require ip 198.51.100.0/24, or AuthType Basic with Require valid-user
--   Then reload the server.
-- pass: web-auth-pass
-- fail: web-auth-intranet
WITH pages AS (
SELECT server, block, file, line, directive, value,
       CASE server WHEN 'nginx' THEN 'location ' ELSE 'Location ' END || value AS inside
  FROM web_server_config
 WHERE directive IN ('location', 'locationmatch', 'alias', 'proxypass', 'directory')
   AND (lower(value) LIKE '%phpmyadmin%' OR lower(value) LIKE '%adminer%'
        OR lower(value) LIKE '%phppgadmin%' OR lower(value) LIKE '%kibana%'
        OR lower(value) LIKE '%/prometheus%' OR lower(value) LIKE '%/jenkins%'
        OR lower(value) LIKE '%server-status%' OR lower(value) LIKE '%server-info%'
        OR lower(value) LIKE '%nginx\_status%' ESCAPE '\' OR lower(value) LIKE '%/solr%'
        OR lower(value) LIKE '%/manager%' OR lower(value) LIKE '%:9200%'
        OR lower(value) LIKE '%/nagios%' OR lower(value) LIKE '%/munin%'))
SELECT p.server || ' ' || p.value AS resource,
       max(EXISTS (SELECT 1 FROM web_server_config a
                WHERE a.server = p.server AND (a.context = p.inside OR a.block = p.block
                                               AND a.context LIKE 'server %')
                  AND (a.directive IN ('auth_basic', 'auth_request') AND a.value <> 'off'
                       OR a.directive = 'deny' OR a.directive = 'internal'
                       OR a.directive = 'ssl_verify_client' AND a.value = 'on'
                       OR a.directive = 'require' AND a.value <> 'all granted'))) AS healthy,
       min(p.file || ':' || p.line) || ' ' || p.directive || ' ' || p.value AS evidence,
       EXISTS (SELECT 1 FROM network_services n WHERE n.service = p.server AND n.listens)
       AS reachable
  FROM pages p
 GROUP BY p.server, p.value
