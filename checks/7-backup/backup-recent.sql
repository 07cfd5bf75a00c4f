-- id: backup-recent
-- title: The last good backup is at most a day old
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: high
-- applies: linux
-- maps: attack=T1490,T1485 cis-v8=11.2 iso27001=A.8.13 mcsb=BR-1 nist-csf=PR.DS-11
-- why: Backups stop without a word: a full disk, a changed password, an expired key. Whatever was
--   made since the last good one is what you lose.
-- fix: Look at why it stopped: systemctl status UNIT, journalctl -u UNIT.
--   Then let a failure be heard of (OnFailure= in the unit).
--   Holdfast sees success in restic's, borg's and rsnapshot's own records,
--   or in /var/lib/holdfast/backup/NAME.json:
--     {"tool": "script", "last_success": UNIX-TIME}
-- pass: base
-- fail: backup-recent
WITH runs AS (
  SELECT max(last_success) AS success, max(last_start) AS start, max(kind <> 'agent') AS known,
         group_concat(DISTINCT tool) AS tools
    FROM backups WHERE kind IN ('scheduled', 'agent', 'result') HAVING count(*) > 0)
SELECT 'backup' AS resource,
       CASE WHEN success IS NOT NULL THEN now - success <= 26 * 3600
            WHEN known THEN 0 END AS healthy,
       tools || CASE WHEN success IS NOT NULL
                     THEN ': last success on ' || datetime(success, 'unixepoch')
                     WHEN start IS NOT NULL
                     THEN ': started on ' || datetime(start, 'unixepoch') || ', no success recorded'
                     ELSE ': no success recorded' END AS evidence,
       CASE WHEN success IS NULL AND now - start <= 26 * 3600 THEN 'medium' ELSE 'high' END
         AS severity
  FROM runs, moment
