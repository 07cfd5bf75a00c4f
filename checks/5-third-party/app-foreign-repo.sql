-- id: app-foreign-repo
-- title: Foreign package sources are signed with a key of their own
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: medium
-- applies: linux
-- maps: attack=T1195.002,T1072 cis-v8=2.2,16.4 iso27001=A.8.19 mcsb=PV-5 nist-csf=ID.RA-09
-- why: Whoever controls a package source is root here at the next update. A key that is trusted for
--   all sources lets the smallest of them replace the system's own packages.
-- fix: Put the key below /etc/apt/keyrings and name it in the source:
--   deb [signed-by=/etc/apt/keyrings/NAME.gpg] https://… (or Signed-By: in a .sources file)
--   RHEL: gpgcheck=1 and gpgkey= in the file below /etc/yum.repos.d. Remove sources that you do not
--   need.
-- pass: app-foreign-pass
-- fail: app-foreign-repo
SELECT kind || ' source ' || uri || CASE suite WHEN '' THEN '' ELSE ' ' || suite END AS resource,
       verified = 1 AND (kind <> 'apt' OR signed_by <> '') AS healthy,
       file || ':' || line || ' ' || uri || CASE WHEN verified = 0 THEN ' is not checked'
            WHEN signed_by = '' THEN ' has no key of its own'
            ELSE ' is checked with ' || signed_by END AS evidence,
       CASE WHEN verified = 1 THEN 'low' END AS severity
  FROM package_repositories
 WHERE third_party = 1 AND enabled = 1
