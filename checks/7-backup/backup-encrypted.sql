-- id: backup-encrypted
-- title: Backups are encrypted
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: medium
-- applies: linux
-- maps: attack=T1005,T1530 cis-v8=11.3,3.11 iso27001=A.8.13,A.8.24 mcsb=BR-2 nist-csf=PR.DS-01
-- why: A backup holds everything, also all hashes and keys. Whoever gets hold of the disk or the
--   bucket has the machine.
-- fix: Use a tool that encrypts here, before sending: restic does,
--   borg with --encryption=repokey-blake2, duplicity with GnuPG.
--   Keep the pass phrase in a second place that is not on this machine.
-- pass: base
-- fail: backup-encrypted
SELECT 'backup ' || CASE repository WHEN '' THEN tool ELSE repository END AS resource,
       min(encrypted) AS healthy,
       file || ':' || line || ' ' || tool || CASE min(encrypted)
         WHEN 1 THEN ' encrypts' WHEN 0 THEN ' does not encrypt' ELSE ' does not tell' END
         AS evidence
  FROM backups
 WHERE kind IN ('scheduled', 'agent', 'result')
 GROUP BY 1
