-- id: container-api
-- title: Container engines take no orders over the network
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: critical
-- applies: linux
-- maps: attack=T1610,T1133,T1552.007 cis-v8=4.4,4.8 iso27001=A.8.20 mcsb=NS-3 nist-csf=PR.AA-05
-- why: Who may talk to Docker's port starts a container with the disk of the machine inside: he is
--   root. Robots find an open port 2375 within the hour. The same goes for an anonymous kubelet.
-- fix: Remove tcp:// from "hosts" in /etc/docker/daemon.json and from -H in
--   systemctl cat docker; then: systemctl daemon-reload; systemctl restart docker
--   For remote work: docker context create NAME --docker host=ssh://USER@HOST
--   kubelet: authentication.anonymous.enabled: false and readOnlyPort: 0 in its config.yaml
-- pass: with-docker
-- fail: container-api
SELECT 'engine ' || c.engine AS resource,
       min(NOT coalesce(n.listens, 0) OR n.authentication = 'tls') AS healthy,
       coalesce(max(CASE WHEN n.authentication <> 'tls' THEN n.evidence END), max(n.evidence),
                c.engine || ' does not listen on the network') AS evidence,
       max(coalesce(n.reachable, 0)) AS reachable
  FROM containers c
  LEFT JOIN network_services n ON n.service = c.engine
 GROUP BY c.engine
UNION ALL
SELECT 'engine ' || engine, value LIKE '%127.0.0.1%' OR value LIKE '%localhost%',
       file || ':' || line || ' ' || engine || ' listens on ' || value, 1
  FROM containers
 WHERE setting = 'api' AND value LIKE 'tcp://%' AND engine <> 'docker'
