-- id: umask
-- title: New files are closed to others
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1222.002 cis-v8=3.3 iso27001=A.8.3 mcsb=PV-4 nist-csf=PR.AA-05
-- why: The umask decides who may read and write a new file. With 022 everybody reads it, with 000
--   everybody changes it: a dump of the database, a key, a configuration with a password.
-- fix: Set UMASK 027 in /etc/login.defs, and "umask 027" in each file that the evidence names.
-- action: umask 027
-- pass: base
-- fail: umask
WITH masks AS (
SELECT 'login' AS resource, substr('000' || value, -3) AS mask, value,
       CASE file WHEN '' THEN 'default' ELSE file || ':' || line END AS place
  FROM password_policy WHERE name = 'umask'
UNION ALL
SELECT 'file ' || file, substr('000' || value, -3), value, file || ':' || line
  FROM startup_scripts WHERE kind = 'umask')
SELECT resource, place || ' umask ' || value AS evidence,
       value NOT GLOB '*[^0-7]*' AND substr(mask, 2, 1) IN ('2', '3', '6', '7')
       AND substr(mask, 3, 1) = '7' AS healthy,
       CASE WHEN mask LIKE '_22' THEN 'low' END AS severity
  FROM masks
