-- id: sysctl-perf
-- title: Plain accounts cannot trace the kernel
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1068 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Performance counters show what the kernel and other accounts do, and their code has had
--   errors that gave root away.
-- fix: echo 'kernel.perf_event_paranoid = 3' > /etc/sysctl.d/60-perf.conf
--   (2 where the kernel knows no 3.) Then: sysctl --system
-- action: sysctl kernel.perf_event_paranoid 3
-- pass: base
-- fail: sysctl-perf
SELECT name AS resource, low >= 2 AS healthy, evidence
  FROM sysctl
 WHERE name = 'kernel.perf_event_paranoid'
