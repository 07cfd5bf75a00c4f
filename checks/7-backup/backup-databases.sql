-- id: backup-databases
-- title: Databases are saved by their own tools
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: medium
-- applies: linux
-- maps: attack=T1485,T1490 cis-v8=11.2 iso27001=A.8.13 mcsb=BR-1 nist-csf=PR.DS-11
-- why: The files of a running database, copied one after the other, do not fit together: such a
--   backup may not start again. A dump, or the database's own backup, does.
-- fix: Run a dump into a directory that is saved, before the backup: ExecStartPre= of the unit with
--   pg_dumpall, mariadb-dump --single-transaction --all-databases or mongodump;
--   or pgbackrest, mariabackup, automysqlbackup.
-- pass: backup-databases-pass
-- fail: backup-databases
WITH servers(service, dump1, dump2, dump3, tool) AS (VALUES
  ('postgresql', '%pg_dump%', '%pg_basebackup%', '%autopostgresqlbackup%', 'pgbackrest'),
  ('mysql', '%mysqldump%', '%mariadb-dump%', '%automysqlbackup%', 'mariabackup'),
  ('mongodb', '%mongodump%', '%mongodump%', '%mongodump%', 'pbm')),
found AS (
  SELECT *, CASE service WHEN 'mysql' THEN 'MySQL or MariaDB' WHEN 'postgresql' THEN 'PostgreSQL'
                         ELSE 'MongoDB' END AS name
    FROM servers AS s
   WHERE EXISTS (SELECT 1 FROM packages AS p WHERE p.status = 'installed' AND (
           (s.service = 'postgresql' AND (p.name GLOB 'postgresql-[0-9]*'
                                          OR p.name = 'postgresql-server'))
        OR (s.service = 'mysql' AND (p.name GLOB 'mariadb-server*' OR p.name GLOB 'mysql-server*'
                                     OR p.name = 'mysql-community-server'))
        OR (s.service = 'mongodb' AND p.name IN ('mongodb-org-server', 'mongodb-server'))))),
jobs(text, place) AS (
  SELECT command, file || ':' || line FROM crontab
  UNION ALL SELECT exec, path FROM systemd_units WHERE type = 'service' AND state <> 'masked'
  UNION ALL SELECT tool, file || ':' || line FROM backups WHERE kind IN ('scheduled', 'result')
  UNION ALL SELECT replace(replace(dumps, 'postgresql', 'pg_dump'), 'mysql', 'mysqldump'), file
              FROM backup_repositories)
SELECT 'database ' || name AS resource, max(j.place IS NOT NULL) AS healthy,
       name || CASE WHEN max(j.place) IS NULL THEN ': no job dumps it'
                    ELSE ' is saved by ' || max(j.place) END AS evidence
  FROM found AS f
  LEFT JOIN jobs AS j ON j.text LIKE f.dump1 OR j.text LIKE f.dump2 OR j.text LIKE f.dump3
       OR j.text LIKE '%' || f.tool || '%' OR j.text LIKE '%xtrabackup%' AND f.service = 'mysql'
 GROUP BY name
