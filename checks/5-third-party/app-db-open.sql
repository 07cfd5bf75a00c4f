-- id: app-db-open
-- title: Databases are not open to others
-- practice: 5-third-party
-- control: restrict-unauthorized-network-access
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1110 cis-v8=4.4,4.6 iso27001=A.8.20 mcsb=NS-2 nist-csf=PR.AA-05
-- why: A database that listens to everybody is copied, wiped and held to ransom as soon as a
--   password is guessed, and at once where it asks for none. Nearly always only programs on the
--   same machine or one other need it.
-- fix: Bind it to the machine itself, or to an inner address, and restart it:
--   MySQL, MariaDB: bind-address = 127.0.0.1 below [mysqld] (no skip-grant-tables)
--   PostgreSQL: listen_addresses = 'localhost'; no "trust" in pg_hba.conf
--   MongoDB: net.bindIp: 127.0.0.1 and security.authorization: enabled in /etc/mongod.conf
--   memcached: -l 127.0.0.1 and -U 0 in /etc/memcached.conf
-- pass: with-databases
-- fail: app-db-open
SELECT resource, evidence, reachable,
       NOT listens OR authentication = 'tls' OR inner AND authentication NOT IN ('none', '')
       AS healthy,
       CASE WHEN authentication NOT IN ('none', '') THEN 'medium'
            WHEN authentication = '' OR reachable IS NOT 1 THEN 'high' END AS severity
  FROM network_services
 WHERE service IN ('mysql', 'postgresql', 'mongodb', 'memcached', 'cassandra', 'couchdb',
                   'influxdb')
