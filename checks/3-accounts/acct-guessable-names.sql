-- id: acct-guessable-names
-- title: No password login for account names that robots try
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1110.003,T1078 cis-v8=5.1,4.7 iso27001=A.5.16 mcsb=IM-6 nist-csf=PR.AA-01
-- why: Password guessing needs an account name first. Names such as admin, test, user, oracle or
--   ubuntu stand at the top of every list; where such an account takes a password from the
--   network, only the password is left to guess.
-- fix: Let these accounts log in with keys only, or rename them:
--     usermod -l NEWNAME -d /home/NEWNAME -m OLDNAME
--   Keys only: "PasswordAuthentication no" and "KbdInteractiveAuthentication no" in
--   /etc/ssh/sshd_config.d/10-keys.conf; then sshd -t && systemctl reload ssh
-- action: sshd-keys PasswordAuthentication no ; KbdInteractiveAuthentication no
-- pass: acct-guessable-names-pass
-- fail: acct-guessable-names
SELECT 'account ' || a.username AS resource,
       NOT (a.allowed AND a.second_factor = 0 AND (a.password OR a.kbdint)) AS healthy,
       a.deciding || ' ' || a.username || CASE
         WHEN a.allowed AND (a.password OR a.kbdint) THEN ' may log in with a password'
         ELSE ' takes no password from the network' END AS evidence,
       EXISTS (SELECT 1 FROM exposed_logins WHERE ssh) AS reachable,
       CASE WHEN EXISTS (SELECT 1 FROM exposed_logins WHERE ssh) THEN 'critical'
            ELSE 'medium' END AS severity
  FROM ssh_access AS a JOIN users AS u ON u.username = a.username
 WHERE u.interactive = 1
   AND lower(a.username) IN ('admin', 'administrator', 'adm', 'user', 'user1', 'test', 'test1',
       'testuser', 'guest', 'demo', 'oracle', 'ftp', 'ftpuser', 'ubuntu', 'debian', 'centos',
       'ec2-user', 'azureuser', 'azureadmin', 'fedora', 'pi', 'vagrant', 'dev', 'developer',
       'deploy', 'deployer', 'support', 'info', 'web', 'webmaster', 'www', 'git', 'postgres',
       'mysql', 'nagios', 'zabbix', 'jenkins', 'hadoop', 'tomcat', 'student', 'operator',
       'sysadmin', 'service', 'backup', 'ansible', 'docker', 'minecraft', 'steam', 'ts3',
       'default', 'toor')
