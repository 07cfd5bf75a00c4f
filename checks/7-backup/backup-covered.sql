-- id: backup-covered
-- title: Every disk, database and folder with data is in the backup
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: medium
-- applies: linux
-- maps: attack=T1485 cis-v8=11.1 iso27001=A.8.13 mcsb=BR-1 nist-csf=PR.DS-11
-- why: What came after the backup was set up - a disk, a site, a container's volume - is not in it
--   by itself.
-- fix: save PATH in /etc/holdfast/backup.conf, or the same of the tool that is used;
--   for databases: postgresql all, mysql all, sqlite FILE.
-- pass: base
-- fail: backup-covered
SELECT p.kind || ' ' || p.path AS resource,
       EXISTS (SELECT 1 FROM backup_saved AS s WHERE p.path || '/' LIKE s.path || '/%')
       OR EXISTS (SELECT 1 FROM backup_repositories AS r
                   WHERE p.kind = 'database' AND ' ' || r.dumps || ' ' LIKE '% ' || p.what || ' %')
         AS healthy,
       p.file || ': ' || CASE p.what WHEN '' THEN p.kind ELSE p.what END
         || CASE WHEN p.changed >= now - 30 * 86400
                 THEN ', changed on ' || date(p.changed, 'unixepoch') ELSE '' END
         || '; saved are ' || (SELECT group_concat(CASE path WHEN '' THEN '/' ELSE path END, ' ')
                                 FROM backup_saved) AS evidence
  FROM backup_places AS p, moment
 WHERE EXISTS (SELECT 1 FROM backup_saved)
