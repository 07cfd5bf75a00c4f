-- id: web-default-host
-- title: Requests without a known host name get nothing
-- practice: 5-third-party
-- control: restrict-unauthorized-network-access
-- severity: low
-- applies: linux
-- maps: attack=T1595.001,T1595.002 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-2 nist-csf=PR.IR-01
-- why: Scanners ask by address, not by name. A default site that answers them with your
--   application shows it to people who did not know that it was there.
-- fix: nginx: a server block with "listen 80 default_server; listen 443 ssl default_server;
--   ssl_reject_handshake on; return 444;"
--   Apache: a first VirtualHost (sites-enabled/000-default.conf) with "Require all denied" in
--   <Location />. Then reload the server.
-- pass: with-nginx
-- fail: web-default-host
WITH servers AS (
SELECT server, min(file || ':' || line) AS place FROM web_server_config
 WHERE server = 'nginx' AND directive = 'listen' AND context LIKE 'server %'
    OR server = 'apache' AND directive = 'listen'
 GROUP BY server),
refusing AS (
SELECT w.server, w.file || ':' || w.line || ' ' || w.directive || ' ' || w.value AS evidence
  FROM web_server_config w
 WHERE w.server = 'nginx'
   AND (w.directive = 'return' AND w.value LIKE '4%' OR w.directive = 'deny' AND w.value = 'all')
   AND EXISTS (SELECT 1 FROM web_server_config d
                WHERE d.server = 'nginx' AND d.block = w.block
                  AND (d.directive = 'listen' AND d.value LIKE '%default_server%'
                       OR d.directive = 'server_name' AND d.value = '_'))
    OR w.server = 'apache' AND w.block = 1 AND w.directive = 'require' AND w.value = 'all denied')
SELECT s.server AS resource,
       EXISTS (SELECT 1 FROM refusing r WHERE r.server = s.server) AS healthy,
       coalesce((SELECT min(evidence) FROM refusing r WHERE r.server = s.server),
                s.place || ' the default site answers every name') AS evidence,
       EXISTS (SELECT 1 FROM network_services n WHERE n.service = s.server AND n.listens)
       AS reachable
  FROM servers s
