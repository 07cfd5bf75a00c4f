-- id: vuln-feed-age
-- title: What is known of vulnerabilities is no older than a week
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: medium
-- applies: linux
-- maps: attack=T1190 cis-v8=7.1,7.5 iso27001=A.8.8 mcsb=PV-5 nist-csf=ID.RA-01
-- why: Against last month's lists every machine is free of this month's vulnerabilities, and those
--   that are used first are the newest ones.
-- fix: holdfast feed update, from a timer each day;
--   without a network: holdfast feed export on a machine that has one, holdfast feed import here.
--   A feed that is not wanted any more: holdfast feed forget NAME.
-- pass: vuln-feed-age-pass
-- fail: vuln-feed-age
SELECT 'feed ' || name AS resource, now - checked <= 7 * 86400 AS healthy,
       name || ' (' || format || '): last known to be current on ' || date(checked, 'unixepoch')
         AS evidence
  FROM advisory_feeds, moment
