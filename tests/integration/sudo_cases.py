# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies of sudo: a name, /etc/sudoers, other files beside it, and what users call vim with.

Accounts of accounts_sudo.py: alice (2000, group staff), bob (2001, ops), carol (2002, ops; without a
password), dave (2003, sudo), erin (2004, sudo and ops). The machine is web1.example.org. The
programs are vim, which gives a root shell, "other", which no rule names, and ls.
"""

CASES = [
    ("nothing", "root ALL=(ALL:ALL) ALL\n", {}),
    ("one user", "alice ALL=(ALL) ALL\n", {}),
    ("Debian's group", "%sudo ALL=(ALL:ALL) ALL\n", {}),
    ("a cloud's user", "alice ALL=(ALL) NOPASSWD:ALL\ncarol ALL=(ALL) NOPASSWD:ALL\n", {}),
    ("a user without a password", "carol ALL=(ALL) ALL\n", {}),
    ("User_Alias", "User_Alias ADMINS = alice, %ops\nADMINS ALL = ALL\n", {}),
    ("User_Alias of aliases", "User_Alias A = B, !bob\nUser_Alias B = alice, bob\nA ALL = NOPASSWD: ALL\n",
     {}),
    ("a negated alias", "User_Alias BAD = bob, erin\nALL, !BAD ALL = NOPASSWD: ALL\n", {}),
    ("a negated alias with a negation", "User_Alias X = ALL, !alice\n%sudo, !X ALL = ALL\n", {}),
    ("everybody but one", "ALL, !dave ALL = ALL\n", {}),
    ("a group but one of it", "%sudo, !erin ALL = NOPASSWD: ALL\n", {}),
    ("one of a group that is negated", "ALL, !%ops, carol ALL = NOPASSWD: ALL\n", {}),
    ("an undefined alias", "NOBODY ALL = NOPASSWD: ALL\nalice ALL = NOWHAT\n", {}),
    ("an alias in its own body", "User_Alias LOOP = LOOP, alice\nLOOP ALL = ALL\n", {}),
    ("uids", "#2001 ALL = NOPASSWD: ALL\n", {}),
    ("gids", "%#27 ALL = ALL\n", {}),
    ("a gid that is negated", "ALL, !%#27 ALL = ALL\n", {}),
    ("netgroups", "+admins ALL = NOPASSWD: ALL\nalice, +others ALL = ALL\n", {}),
    ("Host_Alias", "Host_Alias WEB = web1, web2\nHost_Alias DB = db1\n"
     "alice WEB = ALL\nbob DB = ALL\n", {}),
    ("Host_Alias but one", "Host_Alias ALLBUT = ALL, !web1\nalice ALLBUT = ALL\nbob !ALLBUT = ALL\n"
     "dave ALL, !ALLBUT = ALL\n", {}),
    ("host names", "alice web1 = ALL\nbob web2 = ALL\ndave web* = ALL\nerin db*, !web1 = ALL\n", {}),
    ("several hosts in a rule", "alice db1 = ALL : web1 = NOPASSWD: ALL\nbob web1 = ls : db1 = ALL\n", {}),
    ("host and everybody", "ALL web1 = NOPASSWD: /usr/bin/vim\n", {}),
    ("Runas_Alias", "Runas_Alias OP = root, www\nRunas_Alias WWW = www\n"
     "alice ALL = (OP) ALL\nbob ALL = (WWW) ALL\n", {}),
    ("run as all but root", "alice ALL = (ALL, !root) ALL\nbob ALL = (!root, ALL) ALL\n"
     "dave ALL = (ALL, !#0) ALL\n", {}),
    ("run as a group", "alice ALL = (:www) ALL\nbob ALL = (root:www) ALL\n", {}),
    ("run as the members of a group", "alice ALL = (%root) ALL\nbob ALL = (%www) ALL\n"
     "dave ALL = (%#0) ALL\nerin ALL = (ALL, !%root) ALL\n", {}),
    ("run as by number", "alice ALL = (#0) ALL\nbob ALL = (#33) ALL\n", {}),
    ("run as nobody", "alice ALL = () ALL\n", {}),
    ("run as goes on along the list", "alice ALL = (www) ls, ALL\nbob ALL = (www) ls, (root) ALL\n", {}),
    ("runas_default", "Defaults runas_default=www\nalice ALL = ALL\nbob ALL = (root) ALL\n", {}),
    ("Cmnd_Alias", "Cmnd_Alias EDIT = /usr/bin/vim\nalice ALL = EDIT\nbob ALL = NOPASSWD: EDIT, PASSWD: ALL\n",
     {}),
    ("a negated Cmnd_Alias", "Cmnd_Alias EDIT = /usr/bin/vim\nCmnd_Alias LIST = /usr/bin/ls\nalice ALL = ALL, !LIST\n"
     "bob ALL = EDIT, !EDIT\n", {}),
    ("an editor", "alice ALL = /usr/bin/vim\nbob ALL = /usr/bin/ls\n", {}),
    ("an editor that is taken back", "alice ALL = /usr/bin/vim, !/usr/bin/vim\n"
     "bob ALL = !/usr/bin/vim, /usr/bin/vim\n", {}),
    ("an editor that is taken back by a pattern", "alice ALL = /usr/bin/vim, !/usr/bin/*\n"
     "bob ALL = /usr/bin/v*\n", {}),
    ("an editor that is taken back by a folder", "alice ALL = /usr/bin/vim\nalice ALL = !/usr/bin/\n", {}),
    ("all that is taken back", "alice ALL = ALL\nalice ALL = !ALL\nbob ALL = !ALL\nbob ALL = ALL\n", {}),
    ("all that is taken back from a group", "alice ALL = ALL\nerin ALL = ALL\n%ops ALL = !ALL\n", {}),
    ("all that is taken back, but one", "alice ALL = ALL, !ALL, /usr/bin/vim\n", {}),
    ("a shell with arguments", "alice ALL = /usr/bin/vim /etc/motd\nbob ALL = /usr/bin/vim -u\n"
     "dave ALL = /usr/bin/vim \"\"\n", {}, {"alice": ["/etc/motd"], "dave": []}),
    ("a password after none", "alice ALL = NOPASSWD: ALL\nalice ALL = PASSWD: ALL\n"
     "bob ALL = PASSWD: ALL\nbob ALL = NOPASSWD: ALL\n", {}),
    ("a group's rule after the user's", "erin ALL = NOPASSWD: ALL\n%sudo ALL = ALL\n", {}),
    ("a user's rule after the group's", "%sudo ALL = ALL\nerin ALL = NOPASSWD: ALL\n", {}),
    ("NOPASSWD of one command", "alice ALL = ALL, NOPASSWD: /usr/bin/vim\n"
     "bob ALL = NOPASSWD: /usr/bin/vim, PASSWD: ALL\n", {}),
    ("tags go on along the list", "alice ALL = NOPASSWD: /usr/bin/ls, ALL\n"
     "bob ALL = NOPASSWD: /usr/bin/ls, PASSWD: ALL\ndave ALL = SETENV: ALL\n", {}),
    ("tags and run as", "alice ALL = (www) NOPASSWD: ls, (root) ALL\n"
     "bob ALL = NOPASSWD: (root) ALL\ndave ALL = (root) NOPASSWD: ALL\n", {}),
    ("a digest that fits", "alice ALL = {vim} /usr/bin/vim\nbob ALL = NOPASSWD: {wrong} ALL\n", {}),
    ("a digest that does not fit", "alice ALL = {wrong} /usr/bin/vim\n", {}),
    ("Defaults !authenticate", "Defaults !authenticate\nalice ALL = ALL\nbob ALL = PASSWD: ALL\n", {}),
    ("Defaults !authenticate of a user", "Defaults:alice,%ops !authenticate\n"
     "alice ALL = ALL\nbob ALL = ALL\ndave ALL = ALL\n", {}),
    ("Defaults !authenticate of a host", "Defaults@db1 !authenticate\nalice ALL = ALL\n", {}),
    ("Defaults !authenticate of this host", "Defaults@web1 !authenticate\nalice ALL = ALL\n", {}),
    ("Defaults !authenticate of a command", "Defaults!/usr/bin/vim !authenticate\nalice ALL = ALL\n"
     "bob ALL = /usr/bin/vim\n", {}),
    ("Defaults !authenticate as root", "Defaults>root !authenticate\nalice ALL = (ALL) ALL\n", {}),
    ("authenticate after !authenticate", "Defaults !authenticate\nDefaults authenticate\nalice ALL = ALL\n",
     {}),
    ("exempt_group", "Defaults exempt_group=sudo\nalice ALL = ALL\ndave ALL = ALL\n", {}),
    ("rootpw", "Defaults rootpw\nalice ALL = ALL\nbob ALL = NOPASSWD: ALL\n", {}),
    ("rootpw that is taken back", "Defaults rootpw\nDefaults !rootpw\nalice ALL = ALL\n", {}),
    ("targetpw", "Defaults targetpw\nALL ALL = (ALL) ALL\n", {}),
    ("targetpw of one user", "Defaults:alice targetpw\nalice ALL = (ALL) ALL\nbob ALL = (ALL) ALL\n", {}),
    ("runaspw", "Defaults runaspw\nalice ALL = (ALL) ALL\n", {}),
    ("runaspw as somebody else", "Defaults runaspw, runas_default=alice\nalice ALL = (ALL) ALL\n", {}),
    ("an include", "@include /etc/sudoers.more\n", {"etc/sudoers.more": "alice ALL = ALL\n"}),
    ("an include of old", "#include /etc/sudoers.more\n# include /etc/sudoers.not\n",
     {"etc/sudoers.more": "alice ALL = ALL\n", "etc/sudoers.not": "bob ALL = ALL\n"}),
    ("an include beside it", "@include sudoers.more\n", {"etc/sudoers.more": "alice ALL = ALL\n"}),
    ("an include by the host's name", "@include /etc/sudoers.%h\n",
     {"etc/sudoers.web1": "alice ALL = ALL\n"}),
    ("an include that includes itself", "@include /etc/sudoers.more\nbob ALL = ALL\n",
     {"etc/sudoers.more": "alice ALL = ALL\n@include /etc/sudoers.more\n"}),
    ("an include that is missing", "@include /etc/sudoers.missing\nalice ALL = ALL\n", {}),
    ("includedir", "@includedir /etc/sudoers.d\n",
     {"etc/sudoers.d/10-a": "alice ALL = NOPASSWD: ALL\n", "etc/sudoers.d/b.conf": "bob ALL = ALL\n",
      "etc/sudoers.d/c~": "dave ALL = ALL\n"}),
    ("the order of includedir", "@includedir /etc/sudoers.d\nbob ALL = NOPASSWD: ALL\n",
     {"etc/sudoers.d/20-b": "alice ALL = NOPASSWD: ALL\n", "etc/sudoers.d/10-a": "alice ALL = ALL\n"
      "bob ALL = ALL\n"}),
    ("includedir in a comment", "# @includedir /etc/sudoers.d\nalice ALL = ALL\n",
     {"etc/sudoers.d/a": "bob ALL = ALL\n"}),
    ("an alias from another file", "@includedir /etc/sudoers.d\nTEAM ALL = ALL\n",
     {"etc/sudoers.d/a": "User_Alias TEAM = alice, bob\n"}),
    ("an alias after its use", "TEAM ALL = ALL\nUser_Alias TEAM = alice\n", {}),
    ("lines that go on", "alice ALL = \\\n  (ALL) \\\n NOPASSWD: \\\n ALL\n", {}),
    ("a mistake in a line", "alice ALL = ALL\nbob ALL ALL\ndave ALL = NOPASSWD ALL\n", {}),
    ("a mistake at the end of a line", "alice ALL = ALL, \nbob ALL = (root ALL\nerin ALL = ALL\n", {}),
    ("a command without a path", "alice ALL = ALL, bash\nbob ALL = bash, ALL\n", {}),
    ("hosts by address", "alice fe80::1 = ALL : web1 = ALL\nbob db1 = ALL : 2001:db8::1, web1 = ALL\n", {}),
    ("options", "alice ALL = CWD=/ ALL\nbob ALL = TIMEOUT=5m NOPASSWD: ALL\n", {}),
    ("a rule that is over", "alice ALL = NOTAFTER=20200101000000Z ALL\n"
     "bob ALL = NOTBEFORE=20200101000000Z ALL\ndave ALL = NOTBEFORE=20980101000000Z ALL\n", {}),
    ("sudoedit", "alice ALL = sudoedit /etc/motd\n", {}),
    ("list", "alice ALL = list\n", {}),
    ("white space and comments", "\talice\tALL = ( ALL : ALL )\tNOPASSWD : ALL # all\nbob ALL=(root)ALL\n",
     {}),
    ("names with escapes", "al\\ice ALL = ALL\n\"bob\" ALL = ALL\n", {}),
    ("several rules", "alice ALL = /usr/bin/ls\nalice ALL = /usr/bin/vim\nalice ALL = /usr/bin/ls\n", {}),
]
