-- id: attack-active
-- title: Nobody attacks this machine unhindered
-- practice: 6-monitoring
-- control: protect-applications-against-ddos
-- severity: high
-- applies: linux
-- maps: attack=T1110,T1595,T1498 cis-v8=13.1,13.3 iso27001=A.8.16,A.8.20 mcsb=LT-3,NS-5 nist-csf=DE.CM-01,RS.MI-01
-- why: An address that guesses passwords or probes goes on until it is kept out or has found something. An
--   alert without a ban says that the guard only observes, could not ban, or was told not to.
-- fix: Let the guard ban: in /etc/holdfast/guard.conf set mode enforce, then systemctl reload
--   holdfast-guard; keep one address out now: holdfast guard ban ADDRESS
--   Or leave nothing to guess at: keys only (holdfast explain ssh-password-auth), management ports shut.
-- pass: intrusion-pass
-- fail: attack-active
WITH attacks AS (
SELECT a.*, row_number() OVER (PARTITION BY address ORDER BY time DESC) AS nth
  FROM guard_alerts a, moment
 WHERE address <> '' AND level IN ('medium', 'high', 'critical') AND time > now - 86400)
SELECT 'address ' || address AS resource, banned AS healthy,
       file || ':' || line || ' ' || title || ', ' || count || ' times until '
       || datetime(coalesce(last, time), 'unixepoch') || ' UTC; '
       || coalesce(nullif(done, ''), 'nothing was done about it') AS evidence,
       1 - banned AS reachable,
       CASE level WHEN 'medium' THEN 'medium' END AS severity
  FROM attacks WHERE nth = 1
