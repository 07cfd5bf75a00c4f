-- id: fw-persistent
-- title: The firewall is there again after a restart
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: linux
-- maps: attack=T1562.004 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: Rules that were only typed in, or whose service is not started at boot, are gone after the
--   next restart, and nobody notices.
-- fix: nft list ruleset > /etc/nftables.conf; systemctl enable nftables
--   iptables on Debian: apt install iptables-persistent; netfilter-persistent save
--   ufw: ufw enable; firewalld: firewall-cmd --runtime-to-permanent; systemctl enable firewalld
-- action: firewall
-- pass: base
-- fail: fw-persistent
WITH saved AS (
SELECT min(file || ':' || line) AS place FROM firewall_chains
 WHERE origin = 'file' AND enabled = 1 AND hook = 'input')
SELECT 'firewall' AS resource, (SELECT place FROM saved) IS NOT NULL AS healthy,
       coalesce((SELECT place FROM saved) || ' is loaded at boot',
                (SELECT min(file || ':' || line) FROM firewall_chains
                  WHERE origin = 'file' AND hook = 'input')
                || ' is not loaded at boot', 'the rules of the kernel are in no file') AS evidence
 WHERE EXISTS (SELECT 1 FROM firewall_chains WHERE hook = 'input')
