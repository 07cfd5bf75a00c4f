-- id: web-cert
-- title: Certificates are valid and strong
-- practice: 5-third-party
-- control: encrypt-data-in-transit
-- severity: high
-- applies: linux
-- maps: attack=T1557,T1649 cis-v8=3.10 iso27001=A.8.24 mcsb=DP-7 nist-csf=PR.DS-02
-- why: With an expired or weak certificate visitors get warnings and learn to click them away, and
--   machines stop talking to each other. It is renewed best before the last two weeks.
-- fix: certbot renew, and: systemctl enable --now certbot.timer; or order a new one (RSA of 2048
--   bits or more, or ECDSA; SHA-256), put it where the configuration names it and reload the server
-- pass: web-cert-pass
-- fail: web-cert
WITH used AS (
SELECT c.*, m.now, c.not_after < m.now AS expired, c.not_after < m.now + 14 * 86400 AS soon,
       c.key_algorithm IN ('rsa', 'dsa') AND c.bits < 2048 OR lower(c.signature) LIKE '%md5%'
       OR lower(c.signature) LIKE '%sha1%' AND NOT c.self_signed AS weak
  FROM certificates c, moment m
 WHERE c.used_by <> '')
SELECT path AS resource, NOT soon AND NOT weak AS healthy,
       path || ' (' || subject || ', ' || key_algorithm || ' ' || bits || ') '
       || CASE WHEN expired THEN 'expired on ' ELSE 'is valid until ' END
       || date(not_after, 'unixepoch') || ', used by ' || used_by AS evidence,
       CASE WHEN expired THEN 'high' ELSE 'medium' END AS severity,
       EXISTS (SELECT 1 FROM network_services n
                WHERE n.service IN ('nginx', 'apache') AND n.reachable) AS reachable
  FROM used
