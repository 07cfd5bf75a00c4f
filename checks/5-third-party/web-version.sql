-- id: web-version
-- title: Web servers do not tell their version
-- practice: 5-third-party
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1592.002 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Search engines of attackers list servers by version; on the day a hole is found, those that
--   told theirs come first. It hides nothing from somebody who tries, and is no substitute for
--   updates.
-- fix: nginx: server_tokens off; in the http block. Apache: ServerTokens Prod and
--   ServerSignature Off in conf-available/security.conf (RHEL: conf/httpd.conf). Then reload the
--   server.
-- pass: with-nginx
-- fail: web-version
SELECT server AS resource,
       max(directive = 'server_tokens' AND lower(value) IN ('off', 'build')
           OR directive = 'servertokens' AND lower(value) IN ('prod', 'productonly')) AS healthy,
       coalesce(group_concat(CASE WHEN directive IN ('server_tokens', 'servertokens')
                                  THEN file || ':' || line || ' ' || directive || ' ' || value END,
                             '; '),
                coalesce(min(file) FILTER (WHERE directive = 'http' OR file LIKE '%/apache2.conf'
                                                 OR file LIKE '%/httpd.conf'), min(file))
                || ' does not set ' || CASE server WHEN 'nginx' THEN 'server_tokens'
                                                      ELSE 'ServerTokens' END) AS evidence
  FROM web_server_config
 GROUP BY server
