-- id: backup-configured
-- title: A backup runs by itself
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: high
-- applies: linux
-- maps: attack=T1485,T1486,T1490 cis-v8=11.1,11.2 iso27001=A.8.13 mcsb=BR-1 nist-csf=PR.DS-11
-- why: Disks die, commands are mistyped, and intruders encrypt. A backup that somebody has to start
--   is forgotten; a tool that is installed and has no schedule saves nothing.
-- fix: apt install restic, then holdfast backup: /etc/holdfast/backup.conf, holdfast backup init,
--   holdfast backup schedule --enable. Or restic by hand: restic init against another machine or a
--   cloud, then /etc/systemd/system/backup.service with
--     [Service]
--     Type=oneshot
--     EnvironmentFile=/etc/restic/env
--     ExecStart=/usr/bin/restic backup /etc /home /root /srv /var
--   and backup.timer with OnCalendar=daily, Persistent=true; systemctl enable --now backup.timer.
--   In Azure: enable backup for the virtual machine in a Recovery Services vault.
-- pass: base
-- fail: backup-configured
WITH running AS (SELECT tool, kind, schedule, file, line FROM backups
                  WHERE kind = 'scheduled' OR kind = 'agent' ORDER BY kind DESC)
SELECT 'backup' AS resource, EXISTS (SELECT 1 FROM running) AS healthy,
       coalesce((SELECT file || ':' || line || ' ' || tool || ' ' || schedule FROM running LIMIT 1),
                (SELECT file || ':' || line || ' ' || tool || ' has no schedule'
                   FROM backups LIMIT 1),
                'no backup tool with a schedule, and no agent') AS evidence
