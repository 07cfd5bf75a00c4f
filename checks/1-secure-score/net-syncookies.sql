-- id: net-syncookies
-- title: SYN cookies are on
-- practice: 1-secure-score
-- control: protect-applications-against-ddos
-- severity: medium
-- applies: linux
-- maps: attack=T1499.001 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-5 nist-csf=PR.IR-04
-- why: A flood of half-open connections fills the queue of a service, and honest users no longer
--   get in. With SYN cookies the kernel answers without keeping state.
-- fix: echo 'net.ipv4.tcp_syncookies = 1' > /etc/sysctl.d/60-syncookies.conf
--   Then: sysctl --system
-- action: sysctl net.ipv4.tcp_syncookies 1
-- pass: base
-- fail: net-syncookies
SELECT name AS resource, low >= 1 AS healthy, evidence
  FROM sysctl
 WHERE name = 'net.ipv4.tcp_syncookies'
