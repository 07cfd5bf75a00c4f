-- id: ssh-idle
-- title: SSH ends dead sessions within a quarter of an hour
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: low
-- applies: linux
-- maps: attack=T1563.001 cis-v8=4.3 iso27001=A.8.5 mcsb=PA-7 nist-csf=PR.AA-03
-- why: A session whose user is gone stays open, with all its rights, until somebody takes it over.
-- fix: Write to /etc/ssh/sshd_config.d/10-limits.conf
--   ClientAliveInterval 300
--   ClientAliveCountMax 3
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd ClientAliveInterval 300 ; ClientAliveCountMax 3
-- pass: base
-- fail: ssh-idle
SELECT 'sshd' AS resource, i.evidence || '; ' || n.evidence AS evidence,
       CAST(i.value AS INTEGER) > 0 AND CAST(n.value AS INTEGER) > 0
       AND CAST(i.value AS INTEGER) * CAST(n.value AS INTEGER) <= 900 AS healthy
  FROM ssh_globals i
  JOIN ssh_globals n ON n.keyword = 'clientalivecountmax' AND n.scope = i.scope
 WHERE i.keyword = 'clientaliveinterval' AND i.scope = 'sshd'
