-- id: mod-rare-protocols
-- title: Rare network protocols cannot be loaded
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1068 cis-v8=4.8 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Any account can make the kernel load DCCP, SCTP, RDS and TIPC just by opening a socket.
--   Their code is seldom looked at and has given root away several times.
-- fix: Write one line a module to /etc/modprobe.d/rare-protocols.conf:
--   install dccp /bin/false
--   install sctp /bin/false
--   install rds /bin/false
--   install tipc /bin/false
--   and unload what is loaded: rmmod NAME
-- action: modules-off dccp sctp rds tipc
-- pass: base
-- fail: mod-rare-protocols
SELECT 'module ' || m.value AS resource,
       loaded.name IS NULL AND rule.name IS NOT NULL AS healthy,
       CASE WHEN loaded.name IS NOT NULL THEN m.value || ' is loaded'
            WHEN rule.name IS NULL THEN 'no file in /etc/modprobe.d keeps ' || m.value || ' out'
            ELSE rule.file || ':' || rule.line || ' keeps ' || m.value || ' out' END AS evidence
  FROM json_each('["dccp", "sctp", "rds", "tipc"]') m
  LEFT JOIN kernel_modules loaded ON loaded.name = m.value
  LEFT JOIN kernel_module_rules rule
    ON rule.name = m.value
   AND (rule.kind = 'blacklist'
        OR rule.kind = 'install'
           AND (rule.argument LIKE '%/false%' OR rule.argument LIKE '%/true%'))
