-- id: backup-scope
-- title: Settings, homes and the data of services are in the backup
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: medium
-- applies: linux
-- maps: attack=T1485 cis-v8=11.1 iso27001=A.8.13 mcsb=BR-1 nist-csf=PR.DS-11
-- why: What is not in the backup is noticed on the day of the restore: the settings, the homes, the
--   site, the volumes of containers.
-- fix: Add the directory to the command or list of the backup, and run it once.
-- pass: base
-- fail: backup-scope
WITH needed(path, why) AS (
  SELECT '/etc', 'the settings'
  UNION SELECT directory, 'a home' FROM users
   WHERE interactive = 1 AND home_exists = 1 AND uid BETWEEN 1000 AND 60000
  UNION SELECT value, 'a web site' FROM web_server_config
   WHERE directive IN ('root', 'documentroot') AND value LIKE '/%' AND value NOT LIKE '/usr/share/%'
     AND value NOT LIKE '/var/www/html%'
  UNION SELECT '/var/lib/docker/volumes', 'volumes of containers' FROM packages
   WHERE name IN ('docker.io', 'docker-ce', 'moby-engine') AND status = 'installed')
SELECT 'backup of ' || n.path AS resource,
       EXISTS (SELECT 1 FROM backup_saved AS s WHERE n.path || '/' LIKE s.path || '/%') AS healthy,
       n.path || ' (' || n.why || ') is ' || CASE
         WHEN EXISTS (SELECT 1 FROM backup_saved AS s WHERE n.path || '/' LIKE s.path || '/%') THEN 'saved'
         ELSE 'not among ' || (SELECT group_concat(path, ' ') FROM backup_saved) END AS evidence
  FROM needed AS n
 WHERE EXISTS (SELECT 1 FROM backup_saved)
