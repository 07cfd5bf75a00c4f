-- id: persist-profile
-- title: Start-up files of shells are clean, and only their owner writes them
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: high
-- applies: linux
-- maps: attack=T1546.004,T1056 cis-v8=2.5,3.3 iso27001=A.8.7,A.8.3 mcsb=ES-2 nist-csf=DE.CM-09
-- why: These files run at each login, as whoever logs in. A line that fetches code, or an alias
--   named sudo that asks for the password first, needs no hole at all.
-- fix: Remove the line, or: chown NAME FILE; chmod 644 FILE.
--   If nobody knows who wrote it, change the passwords of everybody who logged in since the file
--   was changed.
-- pass: base
-- fail: persist-profile
WITH bad(resource, evidence, severity) AS (
  SELECT 'file ' || file, file || ':' || line || ' ' || CASE kind
           WHEN 'download' THEN 'downloads code: ' WHEN 'alias' THEN 'replaces a command: '
           ELSE 'runs: ' END || substr(value, 1, 160), 'high'
    FROM startup_scripts
   WHERE kind IN ('download', 'alias')
      OR (kind = 'exec' AND file NOT LIKE '%/rc.local' AND file NOT LIKE '/etc/local.d/%')
  UNION ALL
  SELECT 'file ' || path, path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid, 'high'
    FROM home_files
   WHERE kind = 'profile' AND type = 'regular' AND (mode & 2 OR uid NOT IN (0, expected_uid))
  UNION ALL
  SELECT 'file ' || path, path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid, 'high'
    FROM file_permissions
   WHERE (path IN ('/etc/profile', '/etc/bash.bashrc', '/etc/bashrc', '/etc/environment',
                   '/etc/profile.d', '/etc/rc.local') OR path LIKE '/etc/profile.d/%'
          OR path LIKE '/etc/update-motd.d/%')
     AND type <> 'symlink' AND (mode & 18 OR uid <> 0))
SELECT resource, 0 AS healthy, evidence, severity FROM bad
UNION ALL
SELECT 'start-up files', 1, count(*) || ' accounts', 'high' FROM users WHERE interactive = 1
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM bad)
