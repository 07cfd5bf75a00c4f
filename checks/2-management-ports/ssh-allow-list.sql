-- id: ssh-allow-list
-- title: A list says who may log in over SSH
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: medium
-- applies: linux
-- maps: attack=T1078,T1133 cis-v8=6.8 iso27001=A.5.15 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Without AllowUsers or AllowGroups every account with a shell may log in from everywhere,
--   also one that a package or a forgotten test made. With a list, a new account cannot.
-- fix: Write to /etc/ssh/sshd_config.d/10-who.conf (your own account must be on the list)
--   AllowGroups sudo
--   or AllowUsers NAME@198.51.100.0/24 for one account and network. Check and load it:
--   sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd-users
-- pass: base
-- fail: ssh-allow-list
SELECT 'sshd' AS resource,
       EXISTS (SELECT 1 FROM ssh_allow_lists)
       OR NOT EXISTS (SELECT 1 FROM authorized_keys WHERE from_limited = 0)
          AND NOT EXISTS (SELECT 1 FROM ssh_password_logins)
          AND EXISTS (SELECT 1 FROM authorized_keys) AS healthy,
       coalesce((SELECT file || ':' || line || ' ' || keyword || ' ' || value FROM ssh_allow_lists),
                config_file || ' has neither AllowUsers nor AllowGroups') AS evidence,
       exposed AS reachable
  FROM ssh_server
