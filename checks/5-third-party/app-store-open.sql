-- id: app-store-open
-- title: Coordination and message services ask for a password
-- practice: 5-third-party
-- control: restrict-unauthorized-network-access
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1552 cis-v8=4.4,6.3 iso27001=A.8.20 mcsb=NS-2 nist-csf=PR.AA-05
-- why: etcd and Consul hold the passwords of a whole cluster, ZooKeeper and the message brokers
--   steer it. Open to everybody they give all of it away.
-- fix: Bind the service to 127.0.0.1 or an inner address, and switch its authentication on:
--   etcd: --client-cert-auth and a CA; Consul: ACLs; ZooKeeper: clientPortAddress=127.0.0.1;
--   Mosquitto: allow_anonymous false and password_file. Then restart it.
-- pass: app-store-pass
-- fail: app-store-open
SELECT resource, evidence, reachable, NOT listens OR authentication NOT IN ('none', '') AS healthy,
       CASE WHEN authentication = '' THEN 'medium'
            WHEN reachable IS NOT 1 THEN 'high' END AS severity
  FROM network_services
 WHERE service IN ('etcd', 'consul', 'zookeeper', 'rabbitmq', 'mosquitto', 'minio', 'distccd')
