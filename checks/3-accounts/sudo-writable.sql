-- id: sudo-writable
-- title: What sudo runs cannot be replaced by others
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1548.003,T1574 cis-v8=5.4,3.3 iso27001=A.8.2,A.8.18 mcsb=PA-7 nist-csf=PR.AA-05
-- why: A program that may run as root, but lies where somebody else can write, is whatever that
--   somebody puts there.
-- fix: chown root:root FILE; chmod 755 FILE; the same for every directory on the way to it.
--   Or move it to /usr/local/sbin and change the rule with visudo.
-- pass: base
-- fail: sudo-writable
SELECT 'sudo rule of ' || user AS resource, 0 AS healthy,
       file || ':' || line || ' ' || command || ': ' || dangerous AS evidence
  FROM sudo_rules
 WHERE dangerous LIKE '%writable%' AND negated = 0
UNION ALL
SELECT 'sudo', 1, count(*) || ' rules' FROM sudo_rules
HAVING count(*) > 0 AND max(dangerous LIKE '%writable%' AND NOT negated) = 0
