-- id: os-upgrade-age
-- title: Packages were installed or upgraded within the last 60 days
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: medium
-- applies: linux
-- maps: attack=T1190,T1068 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: Every distribution publishes security updates each month. A machine on which nothing has
--   changed for two months is not being updated, whatever its settings say.
-- fix: Debian and Ubuntu: apt update && apt upgrade. Red Hat: dnf upgrade.
--   Alpine: apk upgrade -U. Then let it happen by itself (os-auto-updates).
-- action: upgrade
-- pass: base
-- fail: os-upgrade-age
SELECT manager AS resource, now - last_install_time <= 60 * 86400 AS healthy,
       'the last package was installed or upgraded on ' || date(last_install_time, 'unixepoch')
         AS evidence,
       EXISTS (SELECT 1 FROM exposed_services) AS reachable
  FROM update_state, moment
 WHERE last_install_time IS NOT NULL
