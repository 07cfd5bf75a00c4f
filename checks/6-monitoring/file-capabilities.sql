-- id: file-capabilities
-- title: Only programs of packages have capabilities
-- practice: 6-monitoring
-- control: apply-adaptive-application-control
-- severity: high
-- applies: linux
-- maps: attack=T1548.001 cis-v8=4.8,5.4 iso27001=A.8.2,A.8.18 mcsb=ES-2 nist-csf=DE.CM-09
-- why: A capability is a part of root's power that a file keeps: python with cap_setuid is as good
--   as a set-uid shell, and no search for set-uid files finds it.
-- fix: getcap FILE shows it, setcap -r FILE removes it.
--   One of your own that is needed:
--   write an exemption, or give it to the unit instead (AmbientCapabilities=).
-- pass: base
-- fail: file-capabilities
WITH files AS (
  SELECT *, replace(path, rtrim(path, replace(path, '/', '')), '') AS name FROM file_findings
   WHERE kind = 'capability'),
bad AS (
  SELECT * FROM files
   WHERE name NOT IN ('ping', 'ping4', 'ping6', 'arping', 'clockdiff', 'traceroute6', 'fping',
                      'mtr-packet', 'newuidmap', 'newgidmap', 'dumpcap', 'suexec', 'snap-confine',
                      'gst-ptp-helper', 'kwin_wayland', 'rlogin', 'rsh', 'rcp', 'nethogs',
                      'systemd-detect-virt', 'gnome-keyring-daemon', 'unix_chkpwd')
     AND (package = '' OR name IN ('bash', 'sh', 'dash', 'perl', 'ruby', 'php', 'node', 'gdb',
                                   'vim', 'vi', 'tar', 'cp', 'nmap', 'openssl')
          OR name GLOB 'python*'))
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has capabilities, owner ' || uid || CASE package WHEN '' THEN ', from no package'
         ELSE ' (' || package || ')' END AS evidence
  FROM bad
UNION ALL
SELECT 'files', 1, w.files || ' files, ' || (SELECT count(*) FROM files) || ' with capabilities'
  FROM file_walk AS w
 WHERE NOT EXISTS (SELECT 1 FROM bad)
