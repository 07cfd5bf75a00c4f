-- id: ssh-forwarding
-- title: SSH forwards neither ports, agents nor windows
-- practice: 2-management-ports
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1572,T1563.001 cis-v8=4.8 iso27001=A.8.20 mcsb=NS-7 nist-csf=PR.IR-01
-- why: With forwarding, an account that may only log in reaches everything that the machine
--   reaches, and a forwarded agent lends your key to whoever is root there.
-- fix: Write "DisableForwarding yes" to /etc/ssh/sshd_config.d/10-forwarding.conf
--   and allow it in a Match block for those who need it. Exempt this finding on jump hosts.
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd DisableForwarding yes
-- pass: base
-- fail: ssh-forwarding
WITH open AS (
SELECT evidence FROM ssh_globals
 WHERE scope = 'sshd' AND value NOT IN ('no', 'none')
   AND keyword IN ('allowtcpforwarding', 'allowagentforwarding', 'x11forwarding', 'permittunnel',
                   'allowstreamlocalforwarding')
   AND NOT EXISTS (SELECT 1 FROM ssh_globals WHERE keyword = 'disableforwarding'
                                               AND scope = 'sshd' AND value = 'yes'))
SELECT 'sshd' AS resource, NOT EXISTS (SELECT 1 FROM open) AS healthy,
       coalesce((SELECT group_concat(evidence, '; ') FROM open), 'forwarding is off') AS evidence
  FROM ssh_server
