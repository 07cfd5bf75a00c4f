-- id: pw-lockout
-- title: An account is locked for a while after five wrong passwords
-- practice: 3-accounts
-- control: secure-management-ports
-- severity: high
-- applies: linux
-- maps: attack=T1110.001,T1110.003 cis-v8=4.10,6.2 iso27001=A.8.5 mcsb=IM-6 nist-csf=PR.AA-03
-- why: Without a limit a robot tries thousands of passwords an hour, day and night. A lock of some
--   minutes makes guessing pointless.
-- fix: Write /etc/security/faillock.conf:
--     deny = 5
--     unlock_time = 900
--     even_deny_root
--   and switch it on.
--   Debian: a profile for pam_faillock.so in /usr/share/pam-configs, then pam-auth-update;
--   Red Hat: authselect enable-feature with-faillock.
-- action: faillock deny 5 unlock_time 900 even_deny_root +
-- pass: base
-- fail: pw-lockout
SELECT 'password policy' AS resource,
       d.number BETWEEN 1 AND 5 AND (r.value = 'yes' OR EXISTS (
         SELECT 1 FROM shadow WHERE username = 'root' AND password_status IN ('unset', 'locked')))
         AS healthy,
       d.evidence || '; ' || r.evidence AS evidence,
       EXISTS (SELECT 1 FROM guessable_accounts) AS reachable,
       CASE WHEN EXISTS (SELECT 1 FROM guessable_accounts) THEN 'high' ELSE 'medium' END AS severity
  FROM policy AS d JOIN policy AS r ON r.name = 'even_deny_root'
 WHERE d.name = 'deny'
