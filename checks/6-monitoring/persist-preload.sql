-- id: persist-preload
-- title: No library is loaded into every program
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: critical
-- applies: linux
-- maps: attack=T1574.006 cis-v8=2.6 iso27001=A.8.7 mcsb=ES-2 nist-csf=DE.CM-09
-- why: A library in /etc/ld.so.preload sees what every program does: it hides files and processes
--   from ps and ls, and reads each password that is typed. Nearly all root kits do it.
-- fix: Copy the library as evidence;
--   then, from a rescue system or with a static busybox, empty /etc/ld.so.preload.
--   Treat the machine as broken into: install it anew.
-- pass: base
-- fail: persist-preload
SELECT 'file ' || file AS resource, 0 AS healthy,
       file || ':' || line || ' loads ' || value AS evidence,
       CASE WHEN kind = 'ld.so.preload' OR value LIKE '/tmp/%' OR value LIKE '/dev/shm/%'
                 OR value LIKE '/var/tmp/%' THEN 'critical'
            WHEN value LIKE 'LD_LIBRARY_PATH=%' THEN 'low' ELSE 'high' END AS severity
  FROM preloads
 WHERE value NOT LIKE '%/libjemalloc%' AND value NOT LIKE '%/libtcmalloc%'
   AND NOT (value LIKE 'LD_LIBRARY_PATH=%' AND kind = 'unit')
UNION ALL
SELECT 'programs', 1, 'no LD_PRELOAD and no /etc/ld.so.preload', 'critical' FROM host_info
 WHERE NOT EXISTS (SELECT 1 FROM preloads
                    WHERE value NOT LIKE '%/libjemalloc%' AND value NOT LIKE '%/libtcmalloc%'
                      AND NOT (value LIKE 'LD_LIBRARY_PATH=%' AND kind = 'unit'))
