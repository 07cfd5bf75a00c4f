-- id: net-ip-forward
-- title: The machine does not forward packets
-- practice: 1-secure-score
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: linux
-- maps: attack=T1090.001,T1557 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-3 nist-csf=PR.IR-01
-- why: A machine that forwards is a bridge from the internet into the network behind it. Only
--   routers, VPN gateways and container hosts need it; those are taken as such when a NAT or a
--   forward chain is loaded, or a container engine is installed.
-- fix: Write these lines to /etc/sysctl.d/60-forward.conf, then: sysctl --system
--   net.ipv4.ip_forward = 0
--   net.ipv6.conf.all.forwarding = 0
-- action: sysctl net.ipv4.ip_forward 0 net.ipv6.conf.all.forwarding 0
-- pass: base
-- fail: net-ip-forward
SELECT name AS resource, evidence,
       high = 0
       OR EXISTS (SELECT 1 FROM packages
                   WHERE status = 'installed'
                     AND name IN ('docker.io', 'docker-ce', 'moby-engine', 'podman', 'containerd',
                                  'containerd.io', 'lxd', 'incus', 'kubelet', 'cri-o', 'docker'))
       OR EXISTS (SELECT 1 FROM firewall_chains
                   WHERE enabled = 1 AND hook IN ('forward', 'postrouting') AND rules > 0)
       AS healthy
  FROM sysctl
 WHERE name IN ('net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding')
