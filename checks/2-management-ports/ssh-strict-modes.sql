-- id: ssh-strict-modes
-- title: SSH refuses keys in files that others can write
-- practice: 2-management-ports
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1098.004 cis-v8=4.1 iso27001=A.8.3 mcsb=PA-7 nist-csf=PR.AA-05
-- why: With StrictModes off, everybody who can write to a home directory adds his key to that
--   account.
-- fix: Write "StrictModes yes" to /etc/ssh/sshd_config.d/00-strict.conf
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd StrictModes yes
-- pass: base
-- fail: ssh-strict-modes
SELECT scope AS resource, value = 'yes' AS healthy, evidence
  FROM ssh_globals
 WHERE keyword = 'strictmodes'
