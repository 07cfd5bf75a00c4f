-- id: os-repo-signed
-- title: Signatures of repositories are checked
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: high
-- applies: linux
-- maps: attack=T1195.002,T1557 cis-v8=2.5,7.3 iso27001=A.8.19 mcsb=DS-2 nist-csf=PR.PS-02
-- why: Packages are installed as root. Without a checked signature whoever sits between here and
--   the mirror, or takes over the mirror, runs programs as root.
-- fix: apt: remove [trusted=yes] and allow-insecure,
--   and name the key with [signed-by=/usr/share/keyrings/NAME.gpg];
--   remove Acquire::AllowInsecureRepositories and APT::Get::AllowUnauthenticated.
--   dnf and yum: gpgcheck=1 and gpgkey=... in the .repo file. apk: no --allow-untrusted.
-- pass: base
-- fail: os-repo-signed
SELECT 'repository ' || uri || ' ' || suite AS resource, verified AS healthy,
       file || ':' || line || ' ' || uri || ' ' || suite
         || CASE WHEN verified THEN '' ELSE ': signatures are not checked' END AS evidence
  FROM package_repositories
 WHERE enabled = 1
UNION ALL
SELECT 'apt', 0, file || ':' || line || ' ' || name || ' ' || value
  FROM apt_config
 WHERE lower(name) IN ('apt::get::allowunauthenticated', 'acquire::allowinsecurerepositories',
                       'acquire::allowweakrepositories',
                       'acquire::allowdowngradetoinsecurerepositories')
   AND lower(value) IN ('1', 'true', 'yes', 'on')
