-- id: az-ssh-keys
-- title: Linux machines of Azure accept keys only
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: azure
-- maps: attack=T1110,T1078 cis-v8=5.2 iso27001=A.8.5 mcsb=IM-6 nist-csf=PR.AA-03
-- why: Password guessing is the commonest way into a machine on the internet.
-- fix: Make new machines with --authentication-type ssh; on this one: PasswordAuthentication no in
--   /etc/ssh/sshd_config, after a key of yours works.
-- pass: azure
-- fail: az-ssh-keys
SELECT 'machine ' || name AS resource, password_login = 0 AS healthy,
       file || ':' || line || ': password authentication is '
       || CASE password_login WHEN 1 THEN 'on' ELSE 'off' END AS evidence,
       coalesce(public, 0) AS reachable
  FROM azure_vms WHERE described = 1 AND os <> 'windows' AND password_login IS NOT NULL
