-- id: ssh-log-level
-- title: SSH logs who logs in
-- practice: 2-management-ports
-- control: enable-auditing-and-logging
-- severity: low
-- applies: linux
-- maps: attack=T1562.002 cis-v8=8.5 iso27001=A.8.15 mcsb=LT-3 nist-csf=PR.PS-04
-- why: Below INFO sshd does not write down logins, and attacks cannot be seen. DEBUG writes what
--   users type into the log.
-- fix: Write "LogLevel VERBOSE" to /etc/ssh/sshd_config.d/10-log.conf (it names the key that was
--   used), then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd LogLevel VERBOSE
-- pass: base
-- fail: ssh-log-level
SELECT scope AS resource, upper(value) IN ('INFO', 'VERBOSE') AS healthy, evidence,
       CASE WHEN upper(value) IN ('QUIET', 'FATAL', 'ERROR') THEN 'low' ELSE 'info' END AS severity
  FROM ssh_globals
 WHERE keyword = 'loglevel'
