-- id: backup-creds
-- title: Only root can read the pass phrase of the backup
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: high
-- applies: linux
-- maps: attack=T1552.001,T1490 cis-v8=3.3,11.3 iso27001=A.8.13,A.8.3 mcsb=BR-2 nist-csf=PR.AA-05
-- why: Who can read it can read every file of the machine out of the backup, and delete the copies.
-- fix: chown root:root FILE; chmod 600 FILE; and then change the pass phrase: restic key passwd
-- pass: base
-- fail: backup-creds
SELECT 'backup ' || CASE repository WHEN '' THEN tool ELSE repository END AS resource,
       max(credentials_mode & 63) = 0 AS healthy,
       file || ':' || line || ' the pass phrase stands in a file with mode '
         || printf('%04o', max(credentials_mode)) AS evidence
  FROM backups
 WHERE credentials_mode IS NOT NULL
 GROUP BY 1
