-- id: svc-inetd
-- title: inetd and xinetd are absent
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1543 cis-v8=4.8 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: The super-servers start whatever their files name, as root, for everybody who connects;
--   an intruder needs one line for a back door. systemd has replaced them.
-- fix: Debian, Ubuntu: apt purge openbsd-inetd inetutils-inetd xinetd rlinetd
--   RHEL: dnf remove xinetd
-- action: package-off
-- pass: base
-- fail: svc-legacy-remote
WITH bad AS (
SELECT name, version FROM packages
 WHERE status = 'installed'
   AND name IN ('openbsd-inetd', 'inetutils-inetd', 'xinetd', 'rlinetd', 'netkit-inetd', 'inetd'))
SELECT 'package ' || name AS resource, 0 AS healthy,
       'package ' || name || ' ' || version || ' is installed' AS evidence
  FROM bad
UNION ALL
SELECT 'service ' || name, 0, file || ':' || line || ' starts ' || program
  FROM inetd_services WHERE enabled = 1
UNION ALL
SELECT 'inetd', 1, 'no such package is installed'
 WHERE NOT EXISTS (SELECT 1 FROM bad)
   AND NOT EXISTS (SELECT 1 FROM inetd_services WHERE enabled = 1)
