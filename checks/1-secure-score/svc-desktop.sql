-- id: svc-desktop
-- title: No desktop services on a server
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1210,T1046 cis-v8=4.8 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Printing, service discovery, bluetooth and graphics have a long list of errors that were
--   used over the network, and a server has no need of them.
-- fix: Debian, Ubuntu: apt purge avahi-daemon cups-daemon cups-browsed xserver-xorg-core bluez
--   RHEL: dnf remove avahi cups xorg-x11-server-Xorg bluez
-- action: package-off
-- pass: base
-- fail: svc-desktop
WITH bad AS (
SELECT name, version FROM packages
 WHERE status = 'installed'
   AND name IN ('avahi-daemon', 'avahi', 'cups', 'cups-daemon', 'cups-browsed', 'bluez',
                'xserver-xorg-core', 'xorg-x11-server-Xorg', 'xorg-server', 'gdm3', 'gdm',
                'lightdm', 'sddm', 'modemmanager', 'ModemManager'))
SELECT 'package ' || name AS resource, 0 AS healthy,
       'package ' || name || ' ' || version || ' is installed' AS evidence
  FROM bad
UNION ALL
SELECT 'desktop services', 1, 'none is installed' WHERE NOT EXISTS (SELECT 1 FROM bad)
