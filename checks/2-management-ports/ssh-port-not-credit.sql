-- id: ssh-port-not-credit
-- title: Another port for SSH is no protection
-- practice: 2-management-ports
-- control: implement-security-best-practices
-- severity: info
-- applies: linux
-- maps: attack=T1571,T1046 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: Scanners find sshd on every port within hours. Moving it keeps the log quieter, nothing
--   more; it earns no point here.
-- fix: Nothing needs to be done. Keep the port if it is convenient, and see to the other findings
--   of this practice.
-- pass: base
-- fail: ssh-port-not-credit
SELECT 'sshd' AS resource, ports = '22' AS healthy,
       config_file || ': sshd is configured for port ' || ports AS evidence
  FROM sshd_info
 WHERE installed = 1 AND ports <> ''
