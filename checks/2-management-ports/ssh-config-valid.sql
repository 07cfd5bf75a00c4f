-- id: ssh-config-valid
-- title: sshd accepts its configuration
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: high
-- applies: linux
-- maps: attack=T1562.001 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: sshd does not start again with a configuration that it refuses: after the next restart
--   nobody gets in any more, and until then the old settings are in force, not those on the disk.
-- fix: Correct the line that the evidence names, check it with: sshd -t
--   Then, with a second session open: systemctl reload ssh (RHEL, Alpine: sshd)
-- pass: base
-- fail: ssh-config-valid
SELECT 'sshd' AS resource, error = '' AS healthy,
       CASE error WHEN '' THEN config_file || ' is valid' ELSE error END AS evidence
  FROM sshd_info
 WHERE installed = 1
