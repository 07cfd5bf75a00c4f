-- id: persist-pam
-- title: PAM asks only modules that come from packages, and none lets everybody in
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: critical
-- applies: linux
-- maps: attack=T1556.003 cis-v8=2.5 iso27001=A.8.5,A.8.7 mcsb=ES-2 nist-csf=DE.CM-09
-- why: Every password goes through these modules. One of an intruder's own writes them down, or
--   accepts one more password for all accounts; so does "sufficient pam_permit.so".
-- fix: Copy the module as evidence, remove the line (Debian: pam-auth-update --force;
--   Red Hat: authselect select PROFILE --force), keeping a root shell open until a new login works.
--   Then change all passwords. Modules of your own: make a package of them.
-- pass: base
-- fail: persist-pam
WITH rules AS (
  SELECT *, CASE
         WHEN type = 'auth' AND module = 'pam_permit.so' AND control = 'sufficient'
              THEN 'lets everybody in'
         WHEN module = 'pam_exec.so' AND arguments LIKE '%expose_authtok%'
              THEN 'hands the password to a program'
         WHEN path <> '' AND package = '' AND EXISTS (SELECT 1 FROM packages)
              THEN 'belongs to no package' ELSE '' END AS why
    FROM pam_stack WHERE module <> '')
SELECT 'module ' || module AS resource, 0 AS healthy,
       file || ':' || min(line) || ' ' || control || ' ' || module_path || ' ' || arguments || ': '
         || CASE path WHEN '' THEN '' ELSE path || ' ' END || why AS evidence,
       CASE WHEN why LIKE 'belongs%' THEN 'high' ELSE 'critical' END AS severity,
       why LIKE 'lets%' AND EXISTS (SELECT 1 FROM exposed_logins) AS reachable
  FROM rules
 WHERE why <> ''
 GROUP BY module, why
UNION ALL
SELECT 'modules', 1, count(DISTINCT module) || ' modules', 'high', 0 FROM rules
HAVING count(*) > 0 AND max(why <> '') = 0
