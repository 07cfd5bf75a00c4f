-- id: brute-ban
-- title: Who guesses passwords is shut out
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: high
-- applies: linux
-- maps: attack=T1110.001,T1110.003 cis-v8=13.8,4.1 iso27001=A.8.16 mcsb=NS-4 nist-csf=DE.CM-01
-- why: Without a responder a robot tries as many passwords as it likes. An installed one helps only
--   when it runs and has a jail for ssh.
-- fix: Debian, Ubuntu: apt install fail2ban (RHEL: dnf install fail2ban, from EPEL); write to
--   /etc/fail2ban/jail.d/sshd.local
--   [sshd]
--   enabled = true
--   backend = systemd
--   maxretry = 4
--   bantime = 1d
--   Then: systemctl enable --now fail2ban; fail2ban-client status sshd
-- action: guard
-- pass: base
-- fail: brute-ban
WITH responder AS (
SELECT coalesce(enabled, 0) = 1 AND coalesce(running, 1) = 1 AND coalesce(configured, 0) = 1
       AS good,
       evidence || ': ' || name || CASE WHEN coalesce(enabled, 0) = 0 THEN ' is not started at boot'
                                        WHEN running = 0 THEN ' does not run'
                                        WHEN coalesce(configured, 0) = 0 THEN ' has no jail for ssh'
                                        ELSE ' watches' END AS evidence
  FROM security_agents WHERE kind = 'bruteforce')
SELECT 'sshd' AS resource, coalesce((SELECT max(good) FROM responder), 0) AS healthy,
       coalesce((SELECT evidence FROM responder ORDER BY good DESC LIMIT 1),
                'neither fail2ban, sshguard nor crowdsec is installed') AS evidence,
       CASE WHEN NOT EXISTS (SELECT 1 FROM ssh_password_logins) THEN 'medium' END AS severity
  FROM ssh_server WHERE exposed
