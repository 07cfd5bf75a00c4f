-- id: web-https
-- title: Web sites lead visitors to HTTPS
-- practice: 5-third-party
-- control: encrypt-data-in-transit
-- severity: medium
-- applies: linux
-- maps: attack=T1557,T1040 cis-v8=3.10 iso27001=A.8.24 mcsb=DP-3 nist-csf=PR.DS-02
-- why: What goes over plain HTTP, passwords and cookies included, is read and changed by everybody
--   on the way.
-- fix: Get a certificate (certbot --nginx or certbot --apache), and answer on port 80 with
--   nginx: return 301 https://$host$request_uri;
--   Apache: Redirect permanent / https://NAME/
-- pass: with-nginx
-- fail: web-https
WITH plain AS (
SELECT server, block, min(file) AS file, min(line) AS line FROM web_server_config
 WHERE server = 'nginx' AND directive = 'listen' AND block > 0 AND value NOT LIKE '%ssl%'
   AND value NOT LIKE '%quic%' AND value NOT LIKE 'unix:%' AND value NOT LIKE '127.%'
   AND value NOT LIKE '[::1]%' AND value NOT LIKE 'localhost%' AND context LIKE 'server %'
 GROUP BY block
UNION ALL
SELECT server, block, min(file), min(line) FROM web_server_config
 WHERE server = 'apache' AND context LIKE 'VirtualHost%:80' GROUP BY block),
leading AS (
SELECT server, block FROM web_server_config
 WHERE directive = 'return' AND (value LIKE '%https://%' OR value LIKE '4%')
    OR directive IN ('redirect', 'redirectpermanent', 'redirectmatch', 'rewrite', 'rewriterule')
       AND value LIKE '%https://%'
    OR directive = 'require' AND value = 'all denied')
SELECT server || ' site ' || coalesce((SELECT n.value FROM web_server_config n
                                         WHERE n.server = p.server AND n.block = p.block
                                           AND n.directive IN ('server_name', 'servername')),
                                       file || ' ' || block) AS resource,
       EXISTS (SELECT 1 FROM leading l WHERE l.server = p.server AND l.block = p.block) AS healthy,
       file || ':' || line || ' serves plain HTTP' AS evidence,
       EXISTS (SELECT 1 FROM network_services n WHERE n.service = p.server AND n.listens)
       AS reachable
  FROM plain p
