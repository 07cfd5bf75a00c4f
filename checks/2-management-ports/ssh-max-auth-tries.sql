-- id: ssh-max-auth-tries
-- title: SSH allows four tries a connection at most
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: medium
-- applies: linux
-- maps: attack=T1110.001 cis-v8=4.1 iso27001=A.8.5 mcsb=NS-8 nist-csf=PR.AA-03
-- why: Every try more on one connection makes guessing cheaper, and from half of the limit on
--   failures are logged.
-- fix: Write "MaxAuthTries 4" to /etc/ssh/sshd_config.d/10-limits.conf
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd MaxAuthTries 4
-- pass: base
-- fail: ssh-max-auth-tries
SELECT scope AS resource, CAST(value AS INTEGER) <= 4 AS healthy, evidence,
       CASE WHEN NOT EXISTS (SELECT 1 FROM ssh_password_logins) THEN 'low' END AS severity
  FROM ssh_globals
 WHERE keyword = 'maxauthtries'
