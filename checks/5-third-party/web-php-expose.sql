-- id: web-php-expose
-- title: PHP hides its version and loads no code from the network
-- practice: 5-third-party
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1190,T1592.002 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: With allow_url_include one badly checked parameter of a page is enough to run foreign code.
--   Error messages on the page show paths and passwords.
-- fix: In the php.ini that the evidence names set
--   allow_url_include = Off
--   expose_php = Off
--   display_errors = Off
--   Then: systemctl restart php8.2-fpm (or reload apache2)
-- pass: web-php-pass
-- fail: web-php-expose
WITH inis AS (
SELECT section, min(file) AS file FROM service_settings
 WHERE service = 'php' AND section <> 'cli' GROUP BY section),
wanted AS (
SELECT column1 AS name, column2 AS fallback, column3 AS severity
  FROM (VALUES ('allow_url_include', 'Off', 'medium'), ('display_errors', 'On', 'low'),
               ('expose_php', 'On', 'low'))),
state AS (
SELECT i.section, w.name, w.severity, coalesce(s.value, w.fallback) AS value,
       coalesce(s.file || ':' || s.line, i.file) || ' ' || w.name || ' = '
       || coalesce(s.value, w.fallback || ' (default)') AS evidence
  FROM inis i
  JOIN wanted w
  LEFT JOIN service_settings s
    ON s.service = 'php' AND s.section = i.section AND s.name = w.name)
SELECT 'php ' || section || ' ' || name AS resource,
       lower(value) IN ('off', '0', 'no', 'false', '', 'stderr') AS healthy, evidence, severity
  FROM state
