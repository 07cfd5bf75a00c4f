-- id: app-redis-open
-- title: Redis is not open to others
-- practice: 5-third-party
-- control: restrict-unauthorized-network-access
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1210 cis-v8=4.4,4.6 iso27001=A.8.20 mcsb=NS-2 nist-csf=PR.AA-05
-- why: Who reaches a Redis without a password writes any file as its user: a key for ssh or a cron
--   job within seconds. Robots do it to every open Redis. Even with a password it speaks clear
--   text and belongs on the machine itself or an inner network.
-- fix: In /etc/redis/redis.conf (RHEL: /etc/redis/redis.conf or /etc/redis.conf) set
--   bind 127.0.0.1 -::1
--   protected-mode yes
--   requirepass A-LONG-RANDOM-PASSWORD
--   Then: systemctl restart redis-server. If it was open, treat the machine as broken into: look at
--   the findings about cron, keys and units first.
-- pass: with-databases
-- fail: app-redis-open
SELECT resource, evidence, reachable,
       NOT listens OR authentication = 'tls' OR inner AND authentication NOT IN ('none', '')
       AS healthy,
       CASE WHEN authentication NOT IN ('none', '') THEN 'medium'
            WHEN authentication = '' OR reachable IS NOT 1 THEN 'high' END AS severity
  FROM network_services
 WHERE service = 'redis'
