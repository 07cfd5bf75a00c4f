-- id: kmod-unsigned
-- title: The kernel has loaded only modules of its own
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: medium
-- applies: linux
-- live: yes
-- maps: attack=T1547.006,T1014 cis-v8=2.5,2.6 iso27001=A.8.7,A.8.19 mcsb=ES-2 nist-csf=DE.CM-09
-- why: A module is a part of the kernel: it can hide files, processes and connections from every
--   tool. One without a signature, or from outside the kernel's source, deserves a look.
-- fix: modinfo NAME says where it is from.
--   Drivers that you installed (dkms): sign them and enrol the key (mokutil --import).
--   Unknown ones: treat the machine as broken into.
-- pass: live
-- fail: kmod-unsigned
SELECT 'module ' || name AS resource, 0 AS healthy,
       name || ' is ' || CASE
         WHEN taint LIKE '%E%' AND taint LIKE '%O%' THEN 'unsigned, out of tree'
         WHEN taint LIKE '%E%' THEN 'unsigned' WHEN taint LIKE '%F%' THEN 'loaded by force'
         ELSE 'out of tree' END || ' (' || taint || ')' AS evidence
  FROM kernel_modules
 WHERE taint LIKE '%E%' OR taint LIKE '%O%' OR taint LIKE '%F%'
UNION ALL
SELECT 'modules', 1, count(*) || ' modules' FROM kernel_modules
HAVING count(*) > 0
   AND max(taint LIKE '%E%' OR taint LIKE '%O%' OR taint LIKE '%F%') = 0
