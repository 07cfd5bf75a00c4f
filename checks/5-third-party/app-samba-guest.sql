-- id: app-samba-guest
-- title: Windows shares ask for a password
-- practice: 5-third-party
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1021.002,T1135 cis-v8=3.3,4.8 iso27001=A.8.3 mcsb=PA-7 nist-csf=PR.AA-05
-- why: A share for guests is read by everybody who reaches it, and encrypted by the first
--   ransomware where guests may write. SMB1 has the holes of WannaCry.
-- fix: Set "guest ok = no" in the share that the evidence names, and in [global] of
--   /etc/samba/smb.conf
--   map to guest = never
--   server min protocol = SMB2
--   Then: systemctl restart smbd
-- pass: app-samba-pass
-- fail: app-samba-guest
WITH bad AS (
SELECT file || ':' || line || ' [' || section || '] ' || name || ' = ' || value AS evidence
  FROM service_settings
 WHERE service = 'samba'
   AND (name IN ('guest ok', 'public', 'guest only') AND lower(value) IN ('yes', 'true', '1')
        OR name IN ('server min protocol', 'min protocol') AND upper(value) IN ('NT1', 'CORE',
            'COREPLUS', 'LANMAN1', 'LANMAN2')
        OR name = 'map to guest' AND lower(value) = 'bad password'))
SELECT resource, reachable,
       NOT EXISTS (SELECT 1 FROM bad) AS healthy,
       coalesce((SELECT group_concat(evidence, '; ') FROM bad), evidence) AS evidence,
       CASE WHEN NOT listens THEN 'low' WHEN reachable IS NOT 1 THEN 'medium' END AS severity
  FROM network_services
 WHERE service = 'samba'
