-- id: os-stale-libs
-- title: No service runs on files that an update has replaced
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: medium
-- applies: linux
-- action: restart-stale
-- live: yes
-- maps: attack=T1190,T1210 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: A process keeps the library it was started with. After an update of OpenSSL the web server
--   is as vulnerable as before until it is restarted.
-- fix: systemctl restart UNIT   (needrestart lists and restarts them; for init and dbus: reboot)
-- pass: live
-- fail: os-stale-libs
SELECT CASE WHEN unit <> '' THEN unit ELSE 'process ' || name END AS resource, 0 AS healthy,
       name || ' (' || count(DISTINCT pid) || ' processes) uses the old ' || min(path)
         || CASE WHEN count(DISTINCT path) > 1
            THEN ' and ' || (count(DISTINCT path) - 1) || ' more' ELSE '' END AS evidence,
       unit IN (SELECT unit FROM exposed_services WHERE unit <> '') AS reachable
  FROM process_deleted_files
 WHERE path LIKE '/usr/%' OR path LIKE '/lib%' OR path LIKE '/opt/%'
 GROUP BY 1
UNION ALL
SELECT 'processes', 1, count(*) || ' processes', 0 FROM processes
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM process_deleted_files
                         WHERE path LIKE '/usr/%' OR path LIKE '/lib%' OR path LIKE '/opt/%')
