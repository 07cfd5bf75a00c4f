-- id: ssh-crypto
-- title: SSH offers no weak ciphers
-- practice: 2-management-ports
-- control: encrypt-data-in-transit
-- severity: medium
-- applies: linux
-- maps: attack=T1557,T1040 cis-v8=3.10 iso27001=A.8.24 mcsb=DP-3 nist-csf=PR.DS-02
-- why: Old ciphers, MACs and key exchanges (CBC, RC4, MD5, SHA-1, DSA) can be broken or talked
--   down to by somebody in the middle.
-- fix: Remove the lines that the evidence names: the defaults of OpenSSH 8 and newer have none but
--   hmac-sha1, umac-64 and the NIST curves of them. Or write to
--   /etc/ssh/sshd_config.d/10-crypto.conf
--   Ciphers -*cbc*,arcfour*,3des*
--   MACs -hmac-sha1*,hmac-md5*,umac-64*
--   KexAlgorithms -diffie-hellman-group1-*,diffie-hellman-group14-sha1,*exchange-sha1
--   HostKeyAlgorithms -ssh-rsa*,ssh-dss*
--   Then: sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd Ciphers '-*cbc*,arcfour*,3des*' ; MACs '-hmac-sha1*,hmac-md5*,umac-64*,hmac-ripemd*'
--   ; KexAlgorithms '-*-sha1' ; HostKeyAlgorithms '-ssh-rsa*,ssh-dss*' ; PubkeyAcceptedAlgorithms
--   '-ssh-rsa*,ssh-dss*'
-- pass: base
-- fail: ssh-crypto
WITH weak AS (
SELECT keyword, file, line, a.value AS algorithm
  FROM sshd_config c
  JOIN json_each('["' || replace(replace(replace(c.value, '"', ''), '\', ''), ',', '","') || '"]') a
 WHERE keyword IN ('ciphers', 'macs', 'kexalgorithms', 'hostkeyalgorithms',
                   'pubkeyacceptedalgorithms')
   AND (a.value LIKE '%cbc%' OR a.value LIKE 'arcfour%' OR a.value LIKE 'hmac-md5%'
        OR a.value LIKE 'hmac-sha1%' OR a.value LIKE 'umac-64%' OR a.value LIKE 'hmac-ripemd%'
        OR a.value LIKE '%-sha1' OR a.value IN ('ssh-rsa', 'ssh-dss', 'none')
        OR a.value LIKE 'ssh-rsa-cert%' OR a.value LIKE 'ssh-dss-cert%'))
SELECT 'sshd ' || keyword AS resource, 0 AS healthy,
       CASE file WHEN '' THEN 'default of sshd' ELSE file || ':' || line END || ': ' || keyword
       || ' offers ' || group_concat(DISTINCT algorithm) AS evidence,
       CASE WHEN file = '' THEN 'low' END AS severity
  FROM weak GROUP BY keyword, file, line
UNION ALL
SELECT 'sshd', 1, 'no weak algorithm is offered', NULL FROM ssh_server
 WHERE NOT EXISTS (SELECT 1 FROM weak)
