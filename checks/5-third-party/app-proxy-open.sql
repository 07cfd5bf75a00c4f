-- id: app-proxy-open
-- title: The web proxy serves its own network only
-- practice: 5-third-party
-- control: restrict-unauthorized-network-access
-- severity: high
-- applies: linux
-- maps: attack=T1090 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-2 nist-csf=PR.IR-01
-- why: An open proxy carries other people's attacks under your address, and leads from outside to
--   everything that the machine reaches.
-- fix: In /etc/squid/squid.conf remove "http_access allow all", keep
--   http_access allow localnet
--   http_access deny all
--   and bind it: http_port 127.0.0.1:3128. Then: systemctl reload squid
-- pass: app-proxy-pass
-- fail: app-proxy-open
WITH open AS (
SELECT file || ':' || line || ' ' || name || ' ' || value AS evidence FROM service_settings
 WHERE service = 'squid' AND name = 'http_access' AND trim(value) = 'allow all')
SELECT resource, NOT listens OR NOT EXISTS (SELECT 1 FROM open) AS healthy, reachable,
       evidence || coalesce('; ' || (SELECT evidence FROM open), '') AS evidence,
       CASE WHEN reachable IS NOT 1 THEN 'medium' END AS severity
  FROM network_services
 WHERE service = 'squid'
