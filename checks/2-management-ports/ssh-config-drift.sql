-- id: ssh-config-drift
-- title: sshd is started with the configuration on the disk and nothing else
-- practice: 2-management-ports
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1562.001,T1098 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Options behind sshd in its unit (-o, -f, -p) beat the configuration that everybody looks
--   at: a back door that no reading of sshd_config shows.
-- fix: Look at: systemctl cat ssh; cat /etc/default/ssh (RHEL: /etc/sysconfig/sshd)
--   Remove the options, or move them into /etc/ssh/sshd_config.d, then: systemctl restart ssh
-- pass: base
-- fail: ssh-config-drift
SELECT 'sshd' AS resource, start_options = '' AS healthy,
       CASE start_options WHEN '' THEN 'sshd is started without options of its own'
            ELSE 'sshd is started with ' || start_options END AS evidence
  FROM sshd_info
 WHERE installed = 1
