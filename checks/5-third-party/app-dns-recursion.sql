-- id: app-dns-recursion
-- title: The name server looks names up for its own network only
-- practice: 5-third-party
-- control: protect-applications-against-ddos
-- severity: medium
-- applies: linux
-- maps: attack=T1498.002 cis-v8=4.9 iso27001=A.8.20 mcsb=NS-5 nist-csf=PR.IR-01
-- why: An open resolver multiplies a forged question and floods whoever it seems to come from.
-- fix: In the options of /etc/bind/named.conf.options (RHEL: /etc/named.conf) set
--   allow-recursion { localnets; localhost; };
--   or "recursion no;" on a server that only answers for its own zones; then: rndc reconfig
-- pass: app-dns-pass
-- fail: app-dns-recursion
WITH open AS (
SELECT file || ':' || line || ' ' || name || ' ' || value AS evidence FROM service_settings
 WHERE service = 'bind' AND (name LIKE '%allow-recursion' OR name LIKE '%allow-query-cache')
   AND ' ' || replace(replace(value, ';', ' '), ',', ' ') || ' ' LIKE '% any %'
   AND NOT EXISTS (SELECT 1 FROM service_settings
                    WHERE service = 'bind' AND name LIKE '%recursion' AND value = 'no'))
SELECT resource, NOT listens OR NOT EXISTS (SELECT 1 FROM open) AS healthy, reachable,
       evidence || coalesce('; ' || (SELECT group_concat(evidence, '; ') FROM open), '') AS evidence
  FROM network_services
 WHERE service = 'bind'
