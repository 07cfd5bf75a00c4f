-- id: ssh-userenv
-- title: SSH users cannot set variables before their shell starts
-- practice: 2-management-ports
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1574.006 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: With PermitUserEnvironment an account that is limited to one command sets LD_PRELOAD in
--   its own file and gets out of the limit.
-- fix: Write "PermitUserEnvironment no" to /etc/ssh/sshd_config.d/00-environment.conf
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd PermitUserEnvironment no
-- pass: base
-- fail: ssh-userenv
SELECT scope AS resource, value = 'no' AS healthy, evidence
  FROM ssh_globals
 WHERE keyword = 'permituserenvironment'
