-- id: ssh-empty-passwords
-- title: SSH refuses empty passwords
-- practice: 2-management-ports
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1078.003,T1110 cis-v8=5.2 iso27001=A.8.5 mcsb=IM-6 nist-csf=PR.AA-03
-- why: An account without a password is open to everybody who knows its name, and names are
--   guessed easily.
-- fix: Remove the line that the evidence names, give the account a password or lock it
--   (passwd NAME, or passwd -l NAME), then: systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd PermitEmptyPasswords no
-- pass: base
-- fail: ssh-empty-passwords
SELECT scope AS resource, value = 'no' AS healthy, max(evidence) AS evidence, exposed AS reachable,
       NULL AS severity
  FROM ssh_settings
 WHERE keyword = 'permitemptypasswords'
 GROUP BY scope, value
UNION ALL
SELECT scope, 0, evidence || ', which applies to no account as things are', 0, 'medium'
  FROM ssh_globals
 WHERE keyword = 'permitemptypasswords' AND value = 'yes'
   AND scope NOT IN (SELECT scope FROM ssh_settings WHERE keyword = 'permitemptypasswords')
