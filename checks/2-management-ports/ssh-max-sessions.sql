-- id: ssh-max-sessions
-- title: SSH limits the sessions of one connection
-- practice: 2-management-ports
-- control: protect-applications-against-ddos
-- severity: low
-- applies: linux
-- maps: attack=T1499.002 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-5 nist-csf=PR.IR-04
-- why: One connection can carry many sessions; without a limit one account uses up the machine's
--   processes.
-- fix: Write "MaxSessions 10" to /etc/ssh/sshd_config.d/10-limits.conf
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd MaxSessions 10
-- pass: base
-- fail: ssh-max-sessions
SELECT scope AS resource, CAST(value AS INTEGER) <= 10 AS healthy, evidence
  FROM ssh_globals
 WHERE keyword = 'maxsessions'
