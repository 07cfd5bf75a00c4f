-- id: backup-copies
-- title: Three copies, two media, one elsewhere, one that cannot change, no errors
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: medium
-- applies: linux
-- maps: attack=T1485,T1486,T1490 cis-v8=11.3,11.4 iso27001=A.8.13,A.8.14 mcsb=BR-2 nist-csf=PR.DS-11
-- why: One copy is lost with its disk, two of a kind with what kills that kind, all that are near
--   with the house, all that can be changed with the intruder, and those with errors anyway.
-- fix: A second repository in /etc/holdfast/backup.conf, on another kind of storage (media cloud)
--   and with another operator; one that is append-only (holdfast backup prove) or whose storage
--   keeps every version (immutable yes); and holdfast backup check until it is without errors.
-- pass: base
-- fail: backup-copies
WITH copies(repository, offsite, media, kept, file) AS (
  SELECT repository, offsite, media, ifnull(immutable = 1, 0) OR ifnull(append_only = 1, 0), file
    FROM backup_repositories
   UNION ALL
  SELECT repository, max(offsite), '', ifnull(max(append_only), 0), max(file)
    FROM backups
   WHERE kind IN ('scheduled', 'agent', 'result')
     AND repository NOT IN (SELECT repository FROM backup_repositories)
     AND (repository <> '' OR NOT EXISTS (SELECT 1 FROM backup_repositories))
   GROUP BY repository),
media(medium) AS (
  SELECT 'the disk of this machine'
   UNION SELECT CASE WHEN media NOT IN ('', 'disk') THEN media
                     WHEN offsite = 1 THEN 'disk elsewhere' ELSE 'the disk of this machine' END
           FROM copies),
wrong AS (
  SELECT file || ': ' || name || ': '
         || CASE WHEN damaged THEN damaged || ' part(s) of the data damaged'
                 ELSE 'last run ' || last_result || ', ' || last_message END AS what
    FROM backup_repositories
   WHERE damaged > 0 OR last_result NOT IN ('ok', '')),
answers(resource, healthy, evidence, severity) AS (
  SELECT 'copies', count(*) >= 2,
         count(*) || ' besides the data: ' || group_concat(repository, ' '), 'low' FROM copies
   UNION ALL
  SELECT 'media', count(*) >= 2, group_concat(medium, ', '), 'low' FROM media
   UNION ALL
  SELECT 'copy elsewhere', max(ifnull(offsite, 0)) = 1,
         ifnull(max(CASE WHEN offsite = 1 THEN repository END), 'none'), 'medium' FROM copies
   UNION ALL
  SELECT 'copy that cannot change', max(kept) = 1,
         ifnull(max(CASE WHEN kept THEN repository END), 'none is known to be'), 'medium'
    FROM copies
   UNION ALL
  SELECT 'errors', count(*) = 0, ifnull(min(what), 'none'), 'medium' FROM wrong)
SELECT 'backup: ' || resource AS resource, healthy, evidence, severity
  FROM answers WHERE EXISTS (SELECT 1 FROM copies)
