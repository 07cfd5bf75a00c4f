-- id: mac-enforcing
-- title: AppArmor or SELinux enforces its rules
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1068,T1562.001 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Mandatory access control keeps a hijacked service away from files that it never needs,
--   even where it runs as root.
-- fix: Debian, Ubuntu: apt install apparmor; systemctl enable --now apparmor; remove apparmor=0
--   from /etc/default/grub; update-grub; restart.
--   RHEL: set SELINUX=enforcing in /etc/selinux/config; touch /.autorelabel; restart.
-- action: mac
-- pass: base
-- fail: mac-enforcing
WITH mode AS (
SELECT CASE current WHEN '' THEN configured ELSE current END = 'enforcing' AS good,
       framework || ' is ' || CASE current WHEN '' THEN configured ELSE current END || ': '
       || evidence AS evidence
  FROM mac_status)
SELECT 'mandatory access control' AS resource,
       coalesce((SELECT max(good) FROM mode), 0) AS healthy,
       coalesce((SELECT evidence FROM mode ORDER BY good DESC LIMIT 1),
                'neither AppArmor nor SELinux is installed') AS evidence
 WHERE NOT EXISTS (SELECT 1 FROM host_info WHERE live = 1 AND container <> '')
