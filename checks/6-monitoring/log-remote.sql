-- id: log-remote
-- title: Logs are also sent to another machine
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: medium
-- applies: linux
-- maps: attack=T1070.002,T1562.006 cis-v8=8.9 iso27001=A.8.15 mcsb=LT-5 nist-csf=PR.PS-04
-- why: Whoever becomes root here deletes the log here. What has already left the machine stays.
-- fix: rsyslog: apt install rsyslog-gnutls and write /etc/rsyslog.d/90-remote.conf:
--     *.* action(type="omfwd" target="LOGHOST" port="6514" protocol="tcp" StreamDriver="gtls"
--       StreamDriverMode="1" StreamDriverAuthMode="x509/name" queue.type="LinkedList")
--   then systemctl restart rsyslog.
--   Or the journal itself: apt install systemd-journal-remote,
--   URL= in /etc/systemd/journal-upload.conf, systemctl enable --now systemd-journal-upload
-- pass: base
-- fail: log-remote
WITH sent(evidence) AS (
  SELECT evidence || ' (' || name || ')' FROM security_agents
   WHERE kind = 'log-shipping' AND ifnull(enabled, 1) = 1
     AND (configured = 1 OR (configured IS NULL AND name NOT IN ('rsyslog', 'syslog-ng')))
  UNION ALL
  SELECT s.file || ':' || s.line || ' ' || s.name || ' ' || s.value FROM service_settings AS s
   WHERE s.service = 'journal_upload' AND s.name = 'URL' AND s.value <> ''
     AND EXISTS (SELECT 1 FROM systemd_units
                  WHERE id = 'systemd-journal-upload.service' AND boot = 1))
SELECT 'logs' AS resource, EXISTS (SELECT 1 FROM sent) AS healthy,
       ifnull((SELECT evidence FROM sent LIMIT 1),
              'neither rsyslog, syslog-ng, the journal nor an agent sends logs away') AS evidence
