-- id: web-tls
-- title: Web servers speak TLS 1.2 or newer
-- practice: 5-third-party
-- control: encrypt-data-in-transit
-- severity: medium
-- applies: linux
-- maps: attack=T1557,T1040 cis-v8=3.10 iso27001=A.8.24 mcsb=DP-3 nist-csf=PR.DS-02
-- why: SSL 3, TLS 1.0 and TLS 1.1 can be broken by somebody in the middle; browsers have dropped
--   them years ago, so only attackers and old robots ask for them.
-- fix: nginx: ssl_protocols TLSv1.2 TLSv1.3; in /etc/nginx/nginx.conf, then: nginx -t && systemctl
--   reload nginx
--   Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3 in mods-available/ssl.conf (RHEL: conf.d/ssl.conf),
--   then: apachectl -t && systemctl reload apache2 (RHEL: httpd)
-- pass: with-nginx
-- fail: web-tls
WITH protocols AS (
SELECT server, file, line, directive, value, ' ' || lower(value) || ' ' AS words
  FROM web_server_config WHERE directive IN ('ssl_protocols', 'sslprotocol')),
judged AS (
SELECT *, words LIKE '% all %' AND words NOT LIKE '% -all %' AS everything,
       CASE server WHEN 'nginx' THEN words LIKE '% tlsv1 %' OR words LIKE '% tlsv1.1 %'
                                     OR words LIKE '% ssl%'
            ELSE words LIKE '% +tlsv1 %' OR words LIKE '% +tlsv1.1 %' OR words LIKE '% tlsv1 %'
                 OR words LIKE '% tlsv1.1 %' OR words LIKE '% sslv3 %' OR words LIKE '% +sslv3 %'
                 OR words LIKE '% all %' AND words NOT LIKE '% -all %'
                    AND (words NOT LIKE '% -tlsv1 %' OR words NOT LIKE '% -tlsv1.1 %')
       END AS weak FROM protocols)
SELECT server || ' ' || file AS resource, NOT max(weak) AS healthy,
       group_concat(CASE WHEN weak OR NOT EXISTS (SELECT 1 FROM judged k WHERE k.weak)
                         THEN file || ':' || line || ' ' || directive || ' ' || value END, '; ')
       AS evidence,
       EXISTS (SELECT 1 FROM network_services n WHERE n.service = judged.server AND n.reachable)
       AS reachable,
       CASE WHEN min(everything) THEN 'low' END AS severity
  FROM judged
 GROUP BY server, file
