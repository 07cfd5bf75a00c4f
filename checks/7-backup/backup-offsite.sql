-- id: backup-offsite
-- title: One copy of the backup is on another machine
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: high
-- applies: linux
-- maps: attack=T1485,T1486,T1490 cis-v8=11.4 iso27001=A.8.13,A.8.14 mcsb=BR-2 nist-csf=PR.DS-11
-- why: A copy on the same machine dies with it, is encrypted with it, and is deleted by whoever is
--   root on it.
-- fix: Send it elsewhere: a repository such as sftp:backup@HOST:/srv/restic, s3:...
--   or rest:https://HOST/, best at another provider.
-- pass: base
-- fail: backup-offsite
SELECT 'backup' AS resource, max(offsite) AS healthy,
       CASE WHEN max(offsite) = 1 THEN max(CASE WHEN offsite = 1 THEN file || ' ' || repository END)
            ELSE ifnull(max(CASE WHEN offsite = 0
                                 THEN file || ':' || line || ' ' || repository END),
                        max(file) || ' does not say where to') END AS evidence
  FROM backups
 WHERE kind IN ('scheduled', 'agent', 'result')
HAVING count(*) > 0
