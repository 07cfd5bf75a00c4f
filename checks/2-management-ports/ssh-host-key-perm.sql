-- id: ssh-host-key-perm
-- title: The machine's SSH keys are root's alone
-- practice: 2-management-ports
-- control: encrypt-data-in-transit
-- severity: high
-- applies: linux
-- maps: attack=T1552.004,T1557 cis-v8=3.3 iso27001=A.8.24 mcsb=DP-6 nist-csf=PR.DS-02
-- why: Who has read a host key can pretend to be this machine, and your ssh will not warn you.
-- fix: chown root:root FILE; chmod 600 FILE
--   If others could read it: rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh
-- action: mode -0027 root
-- pass: base
-- fail: ssh-host-key-perm
SELECT path AS resource, uid = 0 AND mode & 7 = 0 AND mode & 16 = 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid AS evidence
  FROM private_keys
 WHERE host_key = 1
