-- id: acct-tunnel-only
-- title: Accounts without a shell make no tunnels
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1572,T1090.001 cis-v8=4.8,5.4 iso27001=A.8.20,A.5.15 mcsb=NS-1 nist-csf=PR.AA-05
-- why: nologin and "*" in shadow do not keep a key out: sshd lets the account in and forwards TCP
--   connections to whatever the machine reaches: its own databases, the metadata service of the
--   cloud, the network behind it.
-- fix: For accounts that need no tunnels: remove the key, or write "restrict" in front of it, or
--   put into /etc/ssh/sshd_config.d/20-tunnels.conf: Match User NAME
--     DisableForwarding yes
--   Where a tunnel is meant: PermitOpen HOST:PORT. Then: sshd -t && systemctl reload ssh
-- pass: base
-- fail: acct-tunnel-only
SELECT 'account ' || d.username AS resource, 0 AS healthy,
       d.deciding || ' ' || d.username || ' has no session (' || u.shell || '), but tunnels by '
       || d.means AS evidence,
       max(d.reachable) AS reachable
  FROM account_doors AS d JOIN users AS u ON u.username = d.username
 WHERE d.door = 'sshd' AND d.tunnel = 1 AND d.session = 'none'
   AND NOT EXISTS (SELECT 1 FROM sshd_effective AS e
                    WHERE e.username = d.username AND e.keyword = 'permitopen' AND e.value <> 'any')
 GROUP BY d.username
UNION ALL
SELECT 'accounts', 1, 'whoever tunnels has a session, too', 0
 WHERE EXISTS (SELECT 1 FROM ssh_server)
   AND NOT EXISTS (SELECT 1 FROM logins WHERE door = 'sshd' AND tunnel = 1 AND session = 'none')
