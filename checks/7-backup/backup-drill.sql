-- id: backup-drill
-- title: A restore was practised within the last 35 days
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: medium
-- applies: linux
-- maps: attack=T1490,T1485 cis-v8=11.5 iso27001=A.8.13 mcsb=BR-4 nist-csf=RC.RP-03
-- why: A check reads the repository; only a restore shows that what comes out of it works: that the
--   key is there, the dump loads, the settings are those of this machine, and how long it takes.
-- fix: holdfast backup drill, every month: holdfast backup schedule --enable.
--   Who restores by other means notes it in /var/lib/holdfast/backup/NAME.json:
--     {"tool": "script", "last_success": UNIX-TIME, "last_drill": UNIX-TIME}
-- pass: base
-- fail: backup-drill
WITH last AS (SELECT max(last_drill) AS drill FROM backups
               WHERE kind IN ('scheduled', 'agent', 'result') HAVING count(*) > 0),
worst AS (SELECT repository, time, result, message, file FROM backup_drills
           ORDER BY time DESC LIMIT 1)
SELECT 'restore' AS resource,
       ifnull(now - drill <= 35 * 86400, 0)
         AND NOT EXISTS (SELECT 1 FROM worst WHERE result IN ('damaged', 'failed')) AS healthy,
       CASE WHEN EXISTS (SELECT 1 FROM worst WHERE result <> 'ok')
            THEN (SELECT file || ': on ' || date(time, 'unixepoch') || ' ' || result || ': ' || message
                    FROM worst)
            ELSE ifnull('last restore on ' || date(drill, 'unixepoch'), 'no restore is recorded')
       END AS evidence
  FROM last, moment
