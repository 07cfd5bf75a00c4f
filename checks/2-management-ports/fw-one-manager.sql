-- id: fw-one-manager
-- title: One program alone manages the firewall
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: low
-- applies: linux
-- maps: attack=T1562.004 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.PS-01
-- why: Two managers overwrite each other's rules at boot, and which one wins changes from time to
--   time.
-- fix: Keep one, and: systemctl disable --now NAME for the others
-- pass: base
-- fail: fw-one-manager
WITH managers AS (
SELECT DISTINCT CASE WHEN id IN ('iptables.service', 'ip6tables.service',
                                 'netfilter-persistent.service', 'iptables', 'ip6tables')
                     THEN 'iptables' ELSE replace(id, '.service', '') END AS name
  FROM systemd_units
 WHERE state IN ('enabled', 'generated')
   AND replace(id, '.service', '') IN ('nftables', 'ufw', 'firewalld', 'iptables', 'ip6tables',
                                       'netfilter-persistent', 'shorewall', 'ferm', 'awall'))
SELECT 'firewall' AS resource, count(*) = 1 AS healthy,
       group_concat(name, ', ') || ' at boot' AS evidence
  FROM managers
HAVING count(*) > 0
