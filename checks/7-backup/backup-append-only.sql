-- id: backup-append-only
-- title: This machine cannot delete its own backups
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: medium
-- applies: linux
-- maps: attack=T1490 cis-v8=11.3 iso27001=A.8.13 mcsb=BR-2 nist-csf=PR.DS-11
-- why: Those who encrypt a machine for money delete its backups first, with the very password that
--   the backup job uses.
-- fix: holdfast backup server DIR prints the service for the other side; holdfast backup prove
--   tries it from here. restic: rest-server --append-only on the other side;
--   borg: command="borg serve --append-only --restrict-to-path DIR",restrict in front of this
--   machine's key; S3: object lock. Delete old copies from the other side.
-- pass: backup-append-only-pass
-- fail: backup-append-only
SELECT 'backup' AS resource, max(append_only) AS healthy,
       CASE WHEN max(append_only) THEN max(CASE WHEN append_only THEN file END)
              || ' only ever adds to the repository'
            ELSE ifnull(max(CASE WHEN append_only = 0 THEN file || ':' || line || ' ' || repository
                            || ' can be deleted from here' END),
                        'the repository does not tell') END AS evidence
  FROM backups
 WHERE kind IN ('scheduled', 'agent', 'result')
HAVING count(*) > 0
