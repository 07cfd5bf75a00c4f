-- id: promisc
-- title: No interface listens to the traffic of others
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: medium
-- applies: linux
-- live: yes
-- maps: attack=T1040 cis-v8=13.3 iso27001=A.8.16,A.8.20 mcsb=LT-4 nist-csf=DE.CM-01
-- why: In promiscuous mode the machine reads what is meant for its neighbours. Outside of bridges
--   and measuring, that is a sniffer collecting passwords.
-- fix: Find the program (ss -0 -p shows packet sockets), end it,
--   then: ip link set INTERFACE promisc off
-- pass: live
-- fail: promisc
SELECT 'interface ' || interface AS resource, max(promiscuous) = 0 AS healthy,
       interface || CASE WHEN max(promiscuous) THEN ' is in promiscuous mode' ELSE ' is not' END
         AS evidence
  FROM interface_addresses
 WHERE interface NOT LIKE 'veth%' AND interface NOT LIKE 'br%' AND interface NOT LIKE 'docker%'
   AND interface NOT LIKE 'virbr%' AND interface NOT LIKE 'tap%' AND interface NOT LIKE 'vnet%'
   AND interface NOT LIKE 'cni%' AND interface NOT LIKE 'cali%' AND interface NOT LIKE 'lxdbr%'
   AND interface <> 'lo'
 GROUP BY interface
