-- id: log-remote-tls
-- title: Logs travel encrypted
-- practice: 6-monitoring
-- control: encrypt-data-in-transit
-- severity: low
-- applies: linux
-- maps: attack=T1040,T1565.002 cis-v8=3.10,8.9 iso27001=A.8.15,A.8.24 mcsb=DP-3 nist-csf=PR.DS-02
-- why: Logs hold names, addresses and sometimes passwords; over plain syslog everybody on the way
--   reads them, and can add lines of his own.
-- fix: In the file of the evidence add StreamDriver="gtls" StreamDriverMode="1"
--   StreamDriverAuthMode="x509/name" to the action (apt install rsyslog-gnutls);
--   for the journal an URL with https. Then systemctl restart rsyslog
-- pass: base
-- fail: log-remote-tls
SELECT 'log target ' || value AS resource,
       CASE service WHEN 'rsyslog' THEN value LIKE '% tls' ELSE value LIKE 'https:%' END AS healthy,
       file || ':' || line || ' ' || name || ' ' || value AS evidence
  FROM service_settings
 WHERE (service = 'rsyslog' AND name = 'forward' AND value NOT LIKE '%127.0.0.1%'
        AND value NOT LIKE '%localhost%')
    OR (service = 'journal_upload' AND name = 'URL' AND value <> '')
