-- id: backup-escrow
-- title: The pass phrase of the backup is known outside of this machine
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: high
-- applies: linux
-- maps: attack=T1485,T1486 cis-v8=11.3 iso27001=A.8.13,A.8.24 mcsb=BR-2 nist-csf=PR.DS-11
-- why: The backup is encrypted. When the machine is gone and the pass phrase was only on it, the
--   backup is gone too; when both lie on one disk, whoever takes the disk reads all of it.
-- fix: holdfast backup keygen on another machine, owner-key and escrow into backup.conf, then
--   holdfast backup init, which writes a copy that only the owner can open; or write it down.
-- pass: base
-- fail: backup-escrow
SELECT 'pass phrase of ' || name AS resource,
       CASE WHEN with_repository = 1 THEN 0
            WHEN sealed_apart = 1 OR shown = 1 THEN 1 ELSE 0 END AS healthy,
       file || ': ' || CASE WHEN with_repository = 1 THEN 'it lies on the disk of its repository'
            WHEN sealed_apart = 1 THEN 'a sealed copy lies on another disk'
            WHEN shown = 1 THEN 'it was shown to a person'
            WHEN sealed = 1 THEN 'its sealed copy lies on the same disk as the data'
            ELSE 'nobody but this machine has it' END AS evidence
  FROM backup_repositories
 WHERE tool = 'restic' AND sealed IS NOT NULL
