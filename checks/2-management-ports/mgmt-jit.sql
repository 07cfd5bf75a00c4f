-- id: mgmt-jit
-- title: Management ports are open only when somebody asked for it
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: medium
-- applies: linux
-- maps: attack=T1133,T1110 cis-v8=4.4,6.8 iso27001=A.5.15 mcsb=NS-3 nist-csf=PR.AA-05
-- why: A port that is shut cannot be attacked. With just-in-time access ssh opens for one address
--   and one hour after a signed request, and shuts by itself.
-- fix: holdfast jit enable (it shows the plan first), then: holdfast jit request HOST
--   Or limit the port to your network in the firewall.
-- pass: base
-- fail: mgmt-open-any
SELECT 'port ' || o.port AS resource,
       EXISTS (SELECT 1 FROM shut_ports s WHERE s.protocol = o.protocol AND s.port = o.port)
       OR EXISTS (SELECT 1 FROM firewall_in_force WHERE table_name = 'holdfast') AS healthy,
       o.evidence || '; always open' AS evidence, 0 AS reachable
  FROM open_sockets o
 WHERE o.protocol = 'tcp' AND o.port IN (SELECT port FROM known_ports WHERE management = 1)
