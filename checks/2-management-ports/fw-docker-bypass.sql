-- id: fw-docker-bypass
-- title: Ports of containers are not opened around the firewall
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: high
-- applies: linux
-- maps: attack=T1133,T1610 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: "docker run -p 5432:5432" forwards the port before the input chain sees it: a database that
--   ufw or nftables seems to shut is open to everybody.
-- fix: Publish on the machine itself: -p 127.0.0.1:5432:5432 (or "ip": "127.0.0.1" in
--   /etc/docker/daemon.json), or admit only your network in the chain DOCKER-USER:
--   iptables -I DOCKER-USER -i eth0 ! -s YOUR-NETWORK -j DROP
-- live: yes
-- pass: with-docker-live
-- fail: fw-docker-bypass
SELECT 'port ' || p.port AS resource, p.loopback = 1 AS healthy,
       'docker-proxy (process ' || p.pid || ') publishes ' || p.address || ':' || p.port
       AS evidence, p.loopback = 0 AS reachable,
       CASE WHEN p.port IN (80, 443) THEN 'low' END AS severity
  FROM listening_ports p
 WHERE p.process IN ('docker-proxy', 'rootlessport', 'conmon')
   AND NOT EXISTS (SELECT 1 FROM firewall_chains
                    WHERE origin = 'kernel' AND chain = 'DOCKER-USER' AND rules > 1)
