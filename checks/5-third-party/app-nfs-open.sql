-- id: app-nfs-open
-- title: NFS exports go to named machines and leave root out
-- practice: 5-third-party
-- control: restrict-unauthorized-network-access
-- severity: high
-- applies: linux
-- maps: attack=T1021,T1135 cis-v8=3.3,4.8 iso27001=A.8.3 mcsb=NS-2 nist-csf=PR.AA-05
-- why: NFS believes the client who its user is. An export to everybody is a folder of everybody,
--   and with no_root_squash a foreign root leaves set-uid programs there.
-- fix: In the line of /etc/exports that the evidence names, replace * by the machine or network,
--   remove no_root_squash and insecure, add sec=krb5p where you can; then: exportfs -ra
-- pass: app-nfs-pass
-- fail: app-nfs-open
SELECT 'export ' || name AS resource,
       min(value NOT LIKE '*%' AND value NOT LIKE '0.0.0.0/0%' AND value NOT LIKE '::/0%'
           AND value NOT LIKE '%no\_root\_squash%' ESCAPE '\') AS healthy,
       group_concat(file || ':' || line || ' ' || name || ' ' || value, '; ') AS evidence,
       coalesce((SELECT max(reachable) FROM network_services WHERE service = 'nfs'), 0)
       AS reachable,
       CASE WHEN max(value LIKE '*%' OR value LIKE '0.0.0.0/0%') = 0 THEN 'medium' END AS severity
  FROM service_settings
 WHERE service = 'nfs'
 GROUP BY name
