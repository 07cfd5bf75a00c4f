-- id: audit-running
-- title: auditd or another recorder of system calls runs
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: medium
-- applies: linux
-- maps: attack=T1562.001,T1562.012 cis-v8=8.2,8.5 iso27001=A.8.15 mcsb=LT-3 nist-csf=DE.CM-09
-- why: Logs of programs say what the programs think worth saying. The kernel's audit says which
--   account started what, and changed which file, also when the program is the intruder's.
-- fix: apt install auditd (Red Hat: dnf install audit), put rules into /etc/audit/rules.d,
--   then augenrules --load && systemctl enable --now auditd
-- action: package auditd audit audit auditd.service
-- pass: base
-- fail: audit-running
WITH sensors AS (
  SELECT name, ifnull(enabled, 1) = 1 AND ifnull(running, 1) = 1 AS works, evidence
    FROM security_agents
   WHERE name IN ('auditd', 'osquery', 'falco', 'sysmon', 'tetragon', 'auditbeat', 'falcon-sensor',
                  'mdatp', 'sentinelone', 'carbon-black', 'cortex-xdr', 'elastic-agent'))
SELECT 'audit' AS resource, ifnull((SELECT max(works) FROM sensors), 0) AS healthy,
       ifnull((SELECT name || ' ' || CASE WHEN works THEN 'starts at boot'
                 ELSE 'is installed but does not run' END || ' (' || evidence || ')'
                 FROM sensors ORDER BY works DESC LIMIT 1), 'auditd is not installed') AS evidence
 WHERE (SELECT container FROM host_info) = ''
