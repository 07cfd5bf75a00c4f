-- id: key-unencrypted
-- title: Private SSH keys have a pass phrase
-- practice: 6-monitoring
-- control: enable-encryption-at-rest
-- severity: medium
-- applies: linux
-- maps: attack=T1552.004 cis-v8=3.11 iso27001=A.8.24 mcsb=IM-8 nist-csf=PR.DS-01
-- why: A private key on a server opens other servers. Without a pass phrase, reading the file, or a
--   backup of it, is enough.
-- fix: ssh-keygen -p -f FILE sets one.
--   Better: keep private keys on your own machine and use ssh -J or an agent.
--   Keys of jobs: restrict them where they are authorised (from=, command=),
--   then write an exemption.
-- pass: key-unencrypted-pass
-- fail: key-unencrypted
SELECT 'file ' || path AS resource, encrypted = 1 AS healthy,
       path || CASE WHEN encrypted THEN ' has a pass phrase' ELSE ' has no pass phrase' END
         || ' (' || key_type || ', mode ' || printf('%04o', mode) || ')' AS evidence
  FROM private_keys
 WHERE host_key = 0 AND username <> ''
