-- id: sysctl-bpf
-- title: Plain accounts cannot load programs into the kernel
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1068,T1014 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: The checker of BPF programs has let many wrong programs through; each time it was a way
--   from any account to root. Servers have no need for BPF in plain accounts.
-- fix: Write these lines to /etc/sysctl.d/60-bpf.conf, then: sysctl --system
--   kernel.unprivileged_bpf_disabled = 1
--   net.core.bpf_jit_harden = 2
-- action: sysctl kernel.unprivileged_bpf_disabled 2 net.core.bpf_jit_harden 2
-- pass: base
-- fail: sysctl-bpf
SELECT name AS resource, low >= 1 AS healthy, evidence,
       CASE WHEN name = 'net.core.bpf_jit_harden' THEN 'low' END AS severity
  FROM sysctl
 WHERE name IN ('kernel.unprivileged_bpf_disabled', 'net.core.bpf_jit_harden')
