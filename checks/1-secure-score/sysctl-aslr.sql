-- id: sysctl-aslr
-- title: Address-space layout randomisation is full
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: high
-- applies: linux
-- maps: attack=T1203,T1068 cis-v8=10.5 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Programs are loaded at addresses that an attacker cannot guess. Without it, an old
--   memory error in any service is enough to run foreign code, the same way on every machine.
-- fix: echo 'kernel.randomize_va_space = 2' > /etc/sysctl.d/60-aslr.conf
--   Remove other lines that set it (the evidence names the file), then: sysctl --system
-- action: sysctl kernel.randomize_va_space 2
-- pass: base
-- fail: sysctl-aslr
SELECT name AS resource, low = 2 AS healthy, evidence
  FROM sysctl
 WHERE name = 'kernel.randomize_va_space'
