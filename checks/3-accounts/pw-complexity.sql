-- id: pw-complexity
-- title: New passwords are compared with a dictionary, also those that root sets
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1110.001 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: Common words and their variations are guessed first, however many kinds of characters they
--   have; NIST SP 800-63B asks for a list of such words instead of rules of composition. Most
--   passwords of servers are set by root, whom the check leaves alone unless told otherwise.
-- fix: apt install libpam-pwquality cracklib-runtime   (Red Hat: has them)
--   and write /etc/security/pwquality.conf.d/20-dictionary.conf:
--     dictcheck = 1
--     enforce_for_root
-- action: pwquality dictcheck 1 enforcing 1 enforce_for_root +
-- pass: base
-- fail: pw-complexity
SELECT 'password policy' AS resource,
       max(name = 'pwquality' AND value <> 'disabled') = 1
         AND ifnull(max(CASE name WHEN 'dictcheck' THEN number END), 1) <> 0
         AND ifnull(max(CASE name WHEN 'enforcing' THEN number END), 1) <> 0
         AND max(name = 'enforce_for_root' AND value = 'yes') = 1 AS healthy,
       group_concat(evidence, '; ') AS evidence
  FROM policy
 WHERE name IN ('pwquality', 'dictcheck', 'enforcing', 'enforce_for_root')
HAVING count(*) > 0
