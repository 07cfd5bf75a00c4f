-- id: ssh-grace
-- title: SSH hangs up on who does not log in within a minute
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: low
-- applies: linux
-- maps: attack=T1110.001,T1499.002 cis-v8=4.1 iso27001=A.8.5 mcsb=NS-8 nist-csf=PR.AA-03
-- why: Connections that wait to log in take the places of others; with 0 they wait forever. The
--   race of CVE-2024-6387 also needs many connections that run into a long limit.
-- fix: Write "LoginGraceTime 60" to /etc/ssh/sshd_config.d/10-limits.conf
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd LoginGraceTime 60
-- pass: base
-- fail: ssh-grace
SELECT scope AS resource, CAST(value AS INTEGER) BETWEEN 1 AND 60 AS healthy, evidence
  FROM ssh_globals
 WHERE keyword = 'logingracetime'
