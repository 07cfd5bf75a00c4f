-- id: web-secrets-docroot
-- title: No passwords or keys lie where the web server gives files out
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: critical
-- applies: linux
-- maps: attack=T1552.001,T1595.003 cis-v8=3.3,16.4 iso27001=A.8.12 mcsb=IM-8 nist-csf=PR.DS-01
-- why: Robots ask every web server for .env, backups and keys all day long. What lies below the
--   document root is given to everybody who guesses its name.
-- fix: Move the file out of the document root (the application takes its path as a setting), change
--   every password and key that stood in it, and let the server refuse such names:
--   nginx: location ~ /\. { deny all; }    Apache: <FilesMatch "^\."> Require all denied
-- pass: with-nginx
-- fail: web-secrets-docroot
WITH roots AS (
SELECT DISTINCT server, rtrim(value, '/') || '/' AS dir FROM web_server_config
 WHERE directive IN ('root', 'documentroot') AND value LIKE '/_%'),
bad AS (
SELECT r.server, r.dir, s.file AS path, s.file || ':' || s.line || ' has a ' || s.kind AS evidence
  FROM roots r JOIN secrets s ON substr(s.file, 1, length(r.dir)) = r.dir
UNION ALL
SELECT r.server, r.dir, k.path, k.path || ' is a private key'
  FROM roots r JOIN private_keys k ON substr(k.path, 1, length(r.dir)) = r.dir)
SELECT 'file ' || path AS resource, 0 AS healthy,
       evidence || ', and ' || server || ' serves ' || dir AS evidence,
       EXISTS (SELECT 1 FROM network_services n WHERE n.service = server AND n.listens)
       AS reachable
  FROM bad
UNION ALL
SELECT 'folder ' || dir, 1, 'no secret was found in ' || dir, 0 FROM roots r
 WHERE NOT EXISTS (SELECT 1 FROM bad b WHERE b.dir = r.dir)
