-- id: ssh-max-startups
-- title: SSH limits connections that have not logged in
-- practice: 2-management-ports
-- control: protect-applications-against-ddos
-- severity: low
-- applies: linux
-- maps: attack=T1499.002 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-5 nist-csf=PR.IR-04
-- why: Each unauthenticated connection costs a process. Without a limit a flood of them keeps the
--   administrators out, too.
-- fix: Write "MaxStartups 10:30:60" to /etc/ssh/sshd_config.d/10-limits.conf
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd MaxStartups 10:30:60
-- pass: base
-- fail: ssh-max-startups
SELECT scope AS resource, evidence,
       CAST(value AS INTEGER) <= 10
       AND CAST(replace(replace(value, rtrim(value, '0123456789'), ''), ':', '') AS INTEGER) <= 100
       AS healthy
  FROM ssh_globals
 WHERE keyword = 'maxstartups'
