-- id: ssh-hostbased
-- title: SSH trusts no other machine
-- practice: 2-management-ports
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1021.004,T1199 cis-v8=6.3 iso27001=A.8.5 mcsb=IM-6 nist-csf=PR.AA-03
-- why: With host-based login a machine vouches for its users: who has taken one machine has them
--   all. The files .rhosts and hosts.equiv that steer it are easily written.
-- fix: Write to /etc/ssh/sshd_config.d/00-keys-only.conf
--   HostbasedAuthentication no
--   IgnoreRhosts yes
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd HostbasedAuthentication no ; IgnoreRhosts yes
-- pass: base
-- fail: ssh-hostbased
SELECT scope AS resource, exposed AS reachable, max(evidence) AS evidence,
       CASE keyword WHEN 'hostbasedauthentication' THEN value = 'no' ELSE value <> 'no' END
       AS healthy,
       CASE keyword WHEN 'ignorerhosts' THEN 'low' END AS severity
  FROM ssh_settings
 WHERE keyword IN ('hostbasedauthentication', 'ignorerhosts')
 GROUP BY scope, keyword, value
UNION ALL
SELECT scope, exposed, evidence,
       CASE keyword WHEN 'hostbasedauthentication' THEN value = 'no' ELSE value <> 'no' END,
       CASE keyword WHEN 'ignorerhosts' THEN 'low' END
  FROM ssh_globals
 WHERE keyword IN ('hostbasedauthentication', 'ignorerhosts')
