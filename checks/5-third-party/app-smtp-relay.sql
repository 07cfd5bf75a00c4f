-- id: app-smtp-relay
-- title: The mail server relays for its own users only
-- practice: 5-third-party
-- control: restrict-unauthorized-network-access
-- severity: high
-- applies: linux
-- maps: attack=T1584,T1566 cis-v8=4.8 iso27001=A.8.20 mcsb=NS-2 nist-csf=PR.IR-01
-- why: A mail server that relays for everybody is full of spam within a day, and its address on
--   every block list for months.
-- fix: postconf -e 'mynetworks = 127.0.0.0/8 [::1]/128'
--   postconf -e 'smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated
--   reject_unauth_destination' (one line), then: systemctl reload postfix
--   A machine that only sends: postconf -e 'inet_interfaces = loopback-only'
-- pass: app-smtp-pass
-- fail: app-smtp-relay
WITH open AS (
SELECT file || ':' || line || ' ' || name || ' = ' || value AS evidence FROM service_settings
 WHERE service = 'postfix'
   AND (name = 'mynetworks' AND (value LIKE '%0.0.0.0/0%' OR value LIKE '%::]/0%'
                                 OR value LIKE '%::/0%')
        OR name IN ('smtpd_relay_restrictions', 'smtpd_recipient_restrictions')
           AND (value LIKE 'permit' OR value LIKE 'permit %' OR value LIKE 'permit,%')))
SELECT resource, NOT listens OR NOT EXISTS (SELECT 1 FROM open) AS healthy, reachable,
       evidence || coalesce('; ' || (SELECT group_concat(evidence, '; ') FROM open), '') AS evidence
  FROM network_services
 WHERE service = 'postfix'
