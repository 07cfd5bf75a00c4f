-- id: app-rsync-open
-- title: rsync modules ask for a password
-- practice: 5-third-party
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1105,T1039 cis-v8=3.3 iso27001=A.8.3 mcsb=PA-7 nist-csf=PR.AA-05
-- why: A module without "auth users" or "hosts allow" is read by everybody, and written where
--   "read only" is off. Backups are often found that way.
-- fix: Use rsync over ssh, or set in the module that the evidence names (/etc/rsyncd.conf)
--   auth users = NAME
--   secrets file = /etc/rsyncd.secrets
--   hosts allow = 10.1.2.0/24
--   Then: systemctl restart rsync
-- pass: app-rsync-pass
-- fail: app-rsync-open
SELECT 'rsync module ' || m.section AS resource,
       max(lower(s.name) IN ('auth users', 'hosts allow')) AS healthy,
       m.file || ':' || min(m.line) || ' [' || m.section || '] '
       || CASE max(lower(s.name) IN ('auth users', 'hosts allow')) WHEN 1 THEN 'limits clients'
               ELSE 'has neither auth users nor hosts allow' END AS evidence,
       coalesce((SELECT max(reachable) FROM network_services WHERE service = 'rsyncd'), 0)
       AS reachable
  FROM service_settings m
  JOIN service_settings s ON s.service = 'rsyncd' AND s.section IN (m.section, '', 'global')
 WHERE m.service = 'rsyncd' AND m.section NOT IN ('', 'global')
 GROUP BY m.section
