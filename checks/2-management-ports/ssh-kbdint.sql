-- id: ssh-kbdint
-- title: Keyboard-interactive login is off, or asks for a second factor
-- practice: 2-management-ports
-- control: enable-mfa
-- severity: high
-- applies: linux
-- maps: attack=T1110.001,T1133 cis-v8=6.4 iso27001=A.8.5 mcsb=IM-6 nist-csf=PR.AA-03
-- why: Keyboard-interactive login asks PAM, and PAM asks for the password: the door that
--   "PasswordAuthentication no" seems to shut stays open under another name.
-- fix: Write to /etc/ssh/sshd_config.d/00-keys-only.conf
--   KbdInteractiveAuthentication no
--   or, with a one-time code behind it (apt install libpam-google-authenticator):
--   KbdInteractiveAuthentication yes
--   AuthenticationMethods publickey,keyboard-interactive
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd-keys KbdInteractiveAuthentication no
-- pass: base
-- fail: ssh-kbdint
SELECT s.scope AS resource, max(s.evidence) AS evidence, s.exposed AS reachable,
       s.value = 'no'
       OR NOT EXISTS (SELECT 1 FROM ssh_access a
                       WHERE a.allowed = 1 AND a.kbdint = 1 AND a.second_factor = 0)
       AND EXISTS (SELECT 1 FROM ssh_access) AS healthy
  FROM ssh_settings s
 WHERE s.keyword = 'kbdinteractiveauthentication'
 GROUP BY s.scope, s.value
