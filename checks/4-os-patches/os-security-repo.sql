-- id: os-security-repo
-- title: A repository with security updates is set up
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: high
-- applies: linux
-- maps: attack=T1190,T1210 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: Debian and Ubuntu publish security updates in a repository of their own. Without it the
--   machine is told that all is up to date, and never gets one.
-- fix: Debian: "deb https://deb.debian.org/debian-security bookworm-security main" in
--   /etc/apt/sources.list.d/security.list (the name of your release);
--   Ubuntu: the -security suite of security.ubuntu.com;
--   Red Hat: subscription-manager repos --enable the base repositories.
--   Then apt update or dnf makecache.
-- action: security-repo
-- pass: base
-- fail: os-security-repo
SELECT u.manager AS resource, max(ifnull(r.security AND r.enabled, 0)) AS healthy,
       CASE WHEN max(ifnull(r.security AND r.enabled, 0))
            THEN max(CASE WHEN r.security AND r.enabled
                          THEN r.file || ':' || r.line || ' ' || r.uri || ' ' || r.suite END)
            ELSE 'none of ' || count(r.uri) || ' repositories has security updates' END AS evidence,
       EXISTS (SELECT 1 FROM exposed_services) AS reachable
  FROM update_state AS u LEFT JOIN package_repositories AS r
 GROUP BY u.manager
