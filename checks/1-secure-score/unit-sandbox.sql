-- id: unit-sandbox
-- title: Services on the network are confined by systemd
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1190,T1068 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: A few lines in the unit of a service take away what it never needs: other users' files, new
--   rights, kernel settings. Whoever hijacks it is then stuck inside.
-- fix: systemctl edit NAME, and add what the service bears, then restart it:
--   [Service]
--   NoNewPrivileges=yes
--   ProtectSystem=strict
--   ProtectHome=yes
--   PrivateTmp=yes
--   PrivateDevices=yes
--   ProtectKernelModules=yes
--   ProtectKernelTunables=yes
--   ProtectControlGroups=yes
--   RestrictSUIDSGID=yes
--   RestrictNamespaces=yes
--   SystemCallFilter=@system-service
--   "systemd-analyze security NAME" shows what remains.
-- pass: unit-sandbox-pass
-- fail: unit-sandbox
SELECT 'unit ' || u.id AS resource, u.exposure < 50 AS healthy,
       u.path || ' has exposure ' || u.exposure / 10 || '.' || u.exposure % 10
       || ' of 10, 5.0 is the limit' AS evidence
  FROM systemd_units u
 WHERE u.type = 'service' AND u.exposure IS NOT NULL AND u.id NOT LIKE 'ssh%'
   AND u.state IN ('enabled', 'generated')
   AND (u.id IN (SELECT unit FROM listening_ports WHERE loopback = 0)
        OR u.package IN (SELECT package FROM expected_listeners
                          WHERE loopback = 0 AND enabled = 1 AND package <> ''))
