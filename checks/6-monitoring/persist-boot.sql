-- id: persist-boot
-- title: rc.local starts nothing suspicious
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: high
-- applies: linux
-- maps: attack=T1037.004 cis-v8=2.5 iso27001=A.8.7 mcsb=ES-2 nist-csf=DE.CM-09
-- why: rc.local is read once at boot, as root, and nobody looks into it since there are units.
-- fix: Make a unit of what is needed (systemctl edit --force --full NAME.service),
--   delete the rest: chmod 644 /etc/rc.local
-- pass: persist-boot-pass
-- fail: persist-boot
SELECT 'file ' || file AS resource, 0 AS healthy,
       file || ':' || line || ' ' || substr(value, 1, 160) AS evidence,
       CASE WHEN kind = 'download' OR value LIKE '%/tmp/%' OR value LIKE '%/dev/shm/%'
                 OR value LIKE '%/dev/tcp/%' OR value LIKE '%base64%' OR file_mode & 2
                 OR file_uid <> 0 THEN 'high' ELSE 'low' END AS severity
  FROM startup_scripts
 WHERE file LIKE '%/rc.local' OR file LIKE '/etc/local.d/%'
UNION ALL
SELECT 'file ' || path, 1, path || ' starts nothing', 'low' FROM file_permissions
 WHERE path = '/etc/rc.local' AND NOT EXISTS (
  SELECT 1 FROM startup_scripts WHERE file LIKE '%/rc.local' OR file LIKE '/etc/local.d/%')
