-- id: backup-verified
-- title: A restore or check succeeded within the last 30 days
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: medium
-- applies: linux
-- maps: attack=T1490,T1485 cis-v8=11.5 iso27001=A.8.13 mcsb=BR-4 nist-csf=RC.RP-03
-- why: A backup that was never restored is a hope. The day on which it turns out to be empty,
--   broken or without its key is the wrong one.
-- fix: holdfast backup check, every week by holdfast backup schedule. Or once a month restore
--   something and compare it, by a timer: restic check --read-data-subset=5% or borg check --verify-data,
--   and note the date in /var/lib/holdfast/backup/NAME.json:
--     {"tool": "restic", "last_success": UNIX-TIME, "last_check": UNIX-TIME}
-- pass: base
-- fail: backup-verified
SELECT 'backup' AS resource, ifnull(now - max(last_check) <= 30 * 86400, 0) AS healthy,
       ifnull('last check on ' || date(max(last_check), 'unixepoch'),
              'no check or restore is recorded') AS evidence
  FROM backups, moment
 WHERE kind IN ('scheduled', 'result')
HAVING count(*) > 0
