# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of sshd, PAM and accounts for accounts_ssh.py.

config: sshd_config; files: name -> text (or (text, mode)); accounts: name -> settings of
World.accounts(); groups: name -> members; from: addresses of clients; port: where they go;
probe: how they try beside the usual ways. {ca} and the like are public keys.
"""
ALICE = {"alice": {}}
SERVICE = {"shell": "/usr/sbin/nologin", "shadow": "*"}
USUAL = {"alice": {}, "root": {}, "svc": SERVICE}
PAM = "UsePAM yes\nKbdInteractiveAuthentication no\nSubsystem sftp /usr/lib/openssh/sftp-server\n"
INTERNET, OFFICE, HOME = "203.0.113.1", "10.0.0.1", "127.0.0.1"
UNIX = "account required pam_unix.so\nsession required pam_permit.so\n"


def case(name, config=PAM, accounts=None, **more):
    return {"name": name, "config": config, "accounts": accounts or USUAL, **more}


CASES = [
    case("Debian's defaults"),
    case("defaults of OpenSSH", ""),
    case("nobody by password", PAM + "PasswordAuthentication no\n"),
    case("keyboard-interactive alone", "UsePAM yes\nPasswordAuthentication no\n"),
    case("nothing but passwords", PAM + "PubkeyAuthentication no\n"),
    case("root by anything", PAM + "PermitRootLogin yes\n"),
    case("root not at all", PAM + "PermitRootLogin no\n"),
    case("root by forced commands", PAM + "PermitRootLogin forced-commands-only\n",
         {"root": {"keys": ['command="echo FORCED" {key}', "{key2}"]}, "alice": {}}),
    case("root by forced commands without one", PAM + "PermitRootLogin forced-commands-only\n",
         {"root": {}}),
    case("the first value wins", "PasswordAuthentication no\nPasswordAuthentication yes\n" + PAM),
    case("includes come first", "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\n"
         + PAM, files={"etc/ssh/sshd_config.d/20-b.conf": "PasswordAuthentication yes\n",
                       "etc/ssh/sshd_config.d/10-a.conf": "PasswordAuthentication no\n"}),
    case("an include behind is too late", PAM + "PasswordAuthentication yes\n"
         "Include /etc/ssh/sshd_config.d/*.conf\n",
         files={"etc/ssh/sshd_config.d/10.conf": "PasswordAuthentication no\n"}),
    case("AllowUsers", PAM + "AllowUsers alice\n"),
    case("AllowUsers by pattern", PAM + "AllowUsers al*\n", {"alice": {}, "alan": {}, "bob": {}}),
    case("AllowUsers from a network", PAM + "AllowUsers alice@10.0.0.0/8 root\n",
         **{"from": [INTERNET, OFFICE]}),
    case("DenyUsers before AllowUsers", PAM + "AllowUsers *\nDenyUsers alice\n"),
    case("DenyUsers from a network", PAM + "DenyUsers alice@10.0.0.0/8\n",
         **{"from": [INTERNET, OFFICE]}),
    case("AllowGroups", PAM + "AllowGroups staff\n", {"alice": {}, "bob": {}, "root": {}},
         groups={"staff": ["bob"]}),
    case("AllowGroups by the primary group", PAM + "AllowGroups alice\n", {"alice": {}, "bob": {}}),
    case("DenyGroups", PAM + "DenyGroups staff\n", {"alice": {}, "bob": {}},
         groups={"staff": ["bob"]}),
    case("DenyGroups and AllowGroups", PAM + "DenyGroups out\nAllowGroups staff\n",
         {"alice": {}, "bob": {}, "carol": {}}, groups={"staff": ["bob", "alice"], "out": ["bob"]}),
    case("Match User", PAM + "PasswordAuthentication no\nMatch User alice\n"
         "PasswordAuthentication yes\n"),
    case("Match User with several and a negated one", PAM + "PasswordAuthentication no\n"
         "Match User *,!bob\nPasswordAuthentication yes\n", {"alice": {}, "bob": {}}),
    case("Match Group", PAM + "PasswordAuthentication no\nMatch Group staff\n"
         "PasswordAuthentication yes\n", {"alice": {}, "bob": {}}, groups={"staff": ["bob"]}),
    case("Match Address", PAM + "PasswordAuthentication no\nMatch Address 10.0.0.0/8\n"
         "PasswordAuthentication yes\n", **{"from": [INTERNET, OFFICE]}),
    case("Match Address with a negated one", PAM + "Match Address *,!10.0.0.0/8\n"
         "PubkeyAuthentication no\n", ALICE, **{"from": [INTERNET, OFFICE]}),
    case("Match User and Address", PAM + "PasswordAuthentication no\n"
         "Match User alice Address 127.0.0.1\nPasswordAuthentication yes\n",
         {"alice": {}, "bob": {}}, **{"from": [INTERNET, HOME]}),
    case("Match LocalPort", "Port 22\nPort 2222\n" + PAM + "PasswordAuthentication no\n"
         "Match LocalPort 2222\nPasswordAuthentication yes\nPubkeyAuthentication no\n", ALICE,
         port=2222),
    case("Match LocalAddress", PAM + "PasswordAuthentication no\nMatch LocalAddress 198.51.100.1\n"
         "PasswordAuthentication yes\n", ALICE, local="198.51.100.1"),
    case("the first block that sets it", PAM + "Match User alice\nPasswordAuthentication no\n"
         "Match User *\nPasswordAuthentication yes\nPubkeyAuthentication no\n"),
    case("Match all at the end", PAM + "Match User alice\nPasswordAuthentication no\n"
         "Match all\nPermitRootLogin no\n"),
    case("an include within a Match", PAM + "Match User alice\nInclude /etc/ssh/extra\n",
         files={"etc/ssh/extra": "PasswordAuthentication no\n"}),
    case("key and password", PAM + "AuthenticationMethods publickey,password\n", probe=["all"]),
    case("key and keyboard-interactive", "UsePAM yes\n"
         "AuthenticationMethods publickey,keyboard-interactive\n", probe=["all"]),
    case("two keys", PAM + "AuthenticationMethods publickey,publickey\n",
         {"alice": {}, "bob": {"keys": ["{key}", "{key2}"]}}, probe=["all"]),
    case("a key, or a password twice over", PAM +
         "AuthenticationMethods publickey password,keyboard-interactive\n", probe=["all"]),
    case("methods for one account", PAM + "Match User alice\n"
         "AuthenticationMethods publickey,password\n", probe=["all"]),
    case("keyboard-interactive of another device", "UsePAM yes\n"
         "AuthenticationMethods keyboard-interactive:bsdauth\n", ALICE),
    case("a method that is off", PAM + "AuthenticationMethods publickey\n"
         "Match User alice\nPubkeyAuthentication no\n"),
    case("keys elsewhere", PAM + "AuthorizedKeysFile /etc/ssh/extra/%u .ssh/other\n",
         {"alice": {}, "bob": {"file": "other"}, "svc": {**SERVICE, "keys": []}},
         files={"etc/ssh/extra/svc": "{key}\n"}),
    case("no keys at all", PAM + "AuthorizedKeysFile none\n"),
    case("the second file of keys", PAM, {"alice": {"file": "authorized_keys2"}}),
    case("options of keys", PAM, {
        "a": {"keys": ['restrict {key}']}, "b": {"keys": ['no-port-forwarding {key}']},
        "c": {"keys": ['command="echo FORCED",no-pty {key}']}, "d": {"keys": ['bogus {key}']},
        "e": {"keys": ['restrict,port-forwarding,command="echo FORCED" {key}']},
        "f": {"keys": ['expiry-time="20200101" {key}']},
        "g": {"keys": ['expiry-time="20990101Z" {key}']}}),
    case("keys for an address", PAM + "PasswordAuthentication no\n", {
        "a": {"keys": ['from="10.0.0.0/8" {key}']}, "b": {"keys": ['from="!10.0.0.1,*" {key}']},
        "c": {"keys": ['from="203.0.113.*" {key}']}}, **{"from": [INTERNET, OFFICE]}),
    case("a key in from= and again without", PAM + "PasswordAuthentication no\n", {
        "a": {"keys": ['from="10.0.0.0/8" {key}', "{key}"]}}),
    case("lines that are no keys", PAM, {
        "a": {"keys": ["# {key}"]}, "b": {"keys": ["garbage", "", "{key}"]},
        "c": {"keys": ["ssh-ed25519 AAAA broken"]}, "d": {"keys": ["   {key}"]}}),
    case("types of keys", PAM + "PasswordAuthentication no\n", {
        "a": {"keys": ["{rsa}"]}, "b": {"keys": ["{ecdsa}"]}, "c": {"keys": ["{short}"]}}),
    case("no RSA", PAM + "PubkeyAcceptedAlgorithms ssh-ed25519\n", {
        "a": {"keys": ["{rsa}"]}, "b": {}, "c": {"keys": ["{ecdsa}"]}}),
    case("long RSA alone", PAM + "RequiredRSASize 3072\n", {"a": {"keys": ["{rsa}"]}, "b": {}}),
    case("a revoked key", PAM + "RevokedKeys /etc/ssh/revoked\n",
         {"a": {}, "b": {"keys": ["{key2}"]}}, files={"etc/ssh/revoked": "{key}\n"}),
    case("a list of revoked keys that is not there", PAM + "RevokedKeys /etc/ssh/revoked\n"),
    case("modes of files", PAM, {
        "a": {"file_mode": 0o666}, "b": {"file_mode": 0o644}, "c": {"ssh_mode": 0o777},
        "d": {"home_mode": 0o777}, "e": {"file_owner": (0, 0)},
        "f": {"file_owner": (0, 0), "file_mode": 0o644}, "g": {"file_mode": 0o620},
        "h": {"file_mode": 0o660, "gid": 100}, "i": {"file_mode": 0o000}},
         groups={"users": []}),
    case("group-writable files of a group of several", PAM,
         {"a": {"file_mode": 0o660}, "b": {}}, groups={"a": ["b"]}),
    case("modes do not matter", PAM + "StrictModes no\n", {
        "a": {"file_mode": 0o666}, "c": {"ssh_mode": 0o777}, "e": {"file_owner": (0, 0)}}),
    case("certificates", PAM + "TrustedUserCAKeys /etc/ssh/ca.pub\n",
         {"alice": {"keys": []}, "bob": {"keys": []}, "svc": {**SERVICE, "keys": []}},
         files={"etc/ssh/ca.pub": "{ca}\n"}, certificate="alice,bob,svc"),
    case("principals", PAM + "TrustedUserCAKeys /etc/ssh/ca.pub\n"
         "AuthorizedPrincipalsFile /etc/principals/%u\n",
         {"alice": {"keys": []}, "bob": {"keys": []}},
         files={"etc/ssh/ca.pub": "{ca}\n", "etc/principals/bob": "webmaster\n"},
         certificate="webmaster"),
    case("an authority of one account", PAM, {
        "alice": {"keys": ["cert-authority {ca}"]}, "bob": {"keys": []},
        "carol": {"keys": ['cert-authority,principals="webmaster" {ca}']},
        "dave": {"keys": ["{ca}"]}}, certificate="alice,webmaster"),
    case("no file of authorities", PAM + "TrustedUserCAKeys /etc/ssh/ca.pub\n",
         {"alice": {"keys": []}}, certificate="alice"),
    case("tunnels are off", PAM + "AllowTcpForwarding no\n"),
    case("tunnels to it alone", PAM + "AllowTcpForwarding remote\n"),
    case("all forwarding is off", PAM + "DisableForwarding yes\n"),
    case("tunnels to nowhere", PAM + "PermitOpen none\n"),
    case("tunnels for one account", PAM + "AllowTcpForwarding no\nMatch User svc\n"
         "AllowTcpForwarding local\n"),
    case("a forced command", PAM + "Match User alice\nForceCommand echo FORCED\n"),
    case("files alone", PAM + "Match User alice,svc\nForceCommand internal-sftp\n"
         "AllowTcpForwarding no\n"),
    case("files within sshd", "UsePAM yes\nSubsystem sftp internal-sftp\n"),
    case("a jail without a shell", PAM + "Match User alice\nChrootDirectory /jail\n", ALICE,
         files={"jail/empty": ""}),
    case("passwords of all kinds", PAM, {
        "set": {"keys": []}, "locked": {"keys": [], "shadow": "!HASH"},
        "starred": {"keys": [], "shadow": "*"}, "empty": {"keys": [], "shadow": ""},
        "bang": {"shadow": "!"}, "missing": {"shadow": None}, "inpasswd": {"passwd": "HASH",
                                                                          "keys": []}}),
    case("passwords of all kinds without PAM", "UsePAM no\n", {
        "set": {"keys": []}, "locked": {"shadow": "!HASH"}, "starred": {"shadow": "*"},
        "empty": {"keys": [], "shadow": ""}, "bang": {"shadow": "!"}, "missing": {"shadow": None}}),
    case("empty passwords", PAM + "PermitEmptyPasswords yes\n",
         {"empty": {"keys": [], "shadow": "", "password": ""}, "alice": {}}),
    case("empty passwords without PAM", "UsePAM no\nPermitEmptyPasswords yes\n",
         {"empty": {"keys": [], "shadow": "", "password": ""}, "alice": {}}),
    case("empty passwords without nullok", PAM + "PermitEmptyPasswords yes\n",
         {"empty": {"keys": [], "shadow": "", "password": ""}},
         files={"etc/pam.d/sshd": "auth required pam_unix.so\n" + UNIX}),
    case("ages", PAM, {
        "expired": {"ages": "19000:0:99999:7::1:"}, "never": {"ages": "19000:0:99999:7:::"},
        "change": {"ages": "0:0:99999:7:::"}, "old": {"ages": "15000:0:90:7:::"},
        "dead": {"ages": "15000:0:90:7:10::"}, "later": {"ages": "19000:0:99999:7::99999:"}}),
    case("ages without PAM", "UsePAM no\n", {
        "expired": {"ages": "19000:0:99999:7::1:"}, "change": {"ages": "0:0:99999:7:::"},
        "old": {"ages": "15000:0:90:7:::", "keys": []}, "dead": {"ages": "15000:0:90:7:10::"}}),
    case("shells", PAM, {
        "none": {"shell": "/nonexistent"}, "false": {"shell": "/bin/false"},
        "empty": {"shell": ""}, "folder": {"shell": "/tmp"}, "data": {"shell": "/etc/passwd"}}),
    case("nobody may log in now", PAM, files={"etc/nologin": "closed\n"}),
    case("nobody may log in now, without PAM", "UsePAM no\n", files={"etc/nologin": "closed\n"}),
    case("PAM lets in some", PAM, {"alice": {}, "bob": {}, "root": {}}, groups={"staff": ["bob"]},
         files={"etc/pam.d/sshd": "auth required pam_unix.so\n"
                "account required pam_access.so\n" + UNIX,
                "etc/security/access.conf": "# who\n+ : (staff) root : 10.0.0.0/8\n"
                "+:bob:ALL EXCEPT 10.0.0.0/8\n-:ALL:ALL\n"}, **{"from": [INTERNET, OFFICE]},
         also=[OFFICE]),
    case("PAM has a list", PAM, {"alice": {}, "bob": {}},
         files={"etc/pam.d/sshd": "auth required pam_listfile.so item=user sense=deny "
                "file=/etc/ssh/extra/deny onerr=succeed\nauth required pam_unix.so\n" + UNIX,
                "etc/ssh/extra/deny": "bob\n"}),
    case("PAM asks for a group", PAM, {"alice": {}, "bob": {}}, groups={"staff": ["bob"]},
         files={"etc/pam.d/sshd": "auth required pam_unix.so\naccount required pam_succeed_if.so "
                "quiet user ingroup staff\n" + UNIX}),
    case("PAM asks for a uid in auth", PAM, {"alice": {}, "low": {"uid": 500}},
         files={"etc/pam.d/sshd": "auth requisite pam_succeed_if.so uid >= 1000\n"
                "auth required pam_unix.so\n" + UNIX}),
    case("PAM denies", PAM, files={"etc/pam.d/sshd": "auth required pam_deny.so\n" + UNIX}),
    case("PAM denies accounts", PAM, files={
        "etc/pam.d/sshd": "auth required pam_unix.so\naccount required pam_deny.so\n"}),
    case("PAM takes anything", PAM, {"alice": {}, "starred": {"keys": [], "shadow": "*"}},
         files={"etc/pam.d/sshd": "auth sufficient pam_permit.so\nauth required pam_unix.so\n"
                + UNIX}, wrong=True),
    case("PAM jumps", PAM, {"alice": {}, "low": {"uid": 500}},
         files={"etc/pam.d/sshd": "auth [success=2 default=ignore] pam_succeed_if.so uid >= 1000\n"
                "auth requisite pam_deny.so\nauth required pam_permit.so\nauth required pam_unix.so\n"
                + UNIX}),
    case("PAM has a substack", PAM, files={
        "etc/pam.d/inner": "auth sufficient pam_unix.so\nauth required pam_deny.so\n",
        "etc/pam.d/sshd": "auth substack inner\nauth required pam_listfile.so item=user "
        "sense=deny file=/etc/ssh/extra/deny\n" + UNIX, "etc/ssh/extra/deny": "alice\n"}),
    case("PAM includes", PAM, files={
        "etc/pam.d/inner": "auth sufficient pam_unix.so\nauth required pam_deny.so\n",
        "etc/pam.d/sshd": "auth include inner\nauth required pam_listfile.so item=user "
        "sense=deny file=/etc/ssh/extra/deny\n" + UNIX, "etc/ssh/extra/deny": "alice\n"}),
    case("PAM asks for a shell of the list", PAM, {"alice": {}, "svc": SERVICE},
         files={"etc/pam.d/sshd": "auth required pam_unix.so\naccount required pam_shells.so\n"
                + UNIX}),
    case("no file of PAM for sshd", PAM, files={"etc/pam.d/sshd": None}),
    case("two accounts of one uid", PAM + "PermitRootLogin no\n",
         {"root": {}, "toor": {"uid": 0, "home": "/home/toor"}}),
    case("a command names keys", PAM + "AuthorizedKeysCommand /bin/false\n"
         "AuthorizedKeysCommandUser nobody\n", {"alice": {}, "bob": {"keys": []}}, perhaps=True),
    # What sshd itself refuses
    case("a keyword that is none", PAM + "PermitRotLogin no\n", refused="PermitRotLogin"),
    case("a value that is none", PAM + "PermitRootLogin perhaps\n", refused="sshd_config:4"),
    case("a block that cannot be", PAM + "Match Usr alice\n", refused="sshd_config:4"),
]
