-- id: mgmt-jit
-- title: Management ports are open only when somebody asked for it
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: medium
-- applies: linux
-- maps: attack=T1133,T1110 cis-v8=4.4,6.8 iso27001=A.5.15 mcsb=NS-3 nist-csf=PR.AA-05
-- why: A port that is shut cannot be attacked. With just-in-time access ssh opens for one address
--   and one hour when somebody asks for it, and shuts by itself.
-- fix: holdfast jit enable ssh
--   Then, where you work: holdfast jit request USER@HOST, log in anew, and there: holdfast jit confirm
--   Or admit your own network alone.
-- pass: base
-- fail: mgmt-open-any
SELECT 'port ' || o.port AS resource,
       o.why IS NULL
       OR EXISTS (SELECT 1 FROM firewall_in_force WHERE table_name = 'holdfast_jit') AS healthy,
       o.evidence || coalesce('; always open: ' || o.why, '') AS evidence, 0 AS reachable
  FROM open_ports o
 WHERE o.protocol = 'tcp'
   AND (o.port IN (SELECT port FROM known_ports WHERE management = 1)
        OR o.service IN (SELECT service FROM service_severity WHERE management = 1))
