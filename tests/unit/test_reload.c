/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which process of sshd is told to read its files again: never one of a session. */
#include "action/reload.h"
#include "tap.h"

#define LINE(s) ((struct str){ s, sizeof(s) - 1 })

int main(void)
{
	ok(reload_is_listener(
		   LINE("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\0\0\0")),
	   "names itself so since OpenSSH 8.2");
	ok(reload_is_listener(LINE("/usr/sbin/sshd\0-D\0")), "before, the command line");
	ok(!reload_is_listener(LINE("sshd: alice [priv]\0")), "the monitor of a session");
	ok(!reload_is_listener(LINE("sshd: alice@pts/0\0")), "a session");
	ok(!reload_is_listener(LINE("sshd: [accepted]\0")), "a connection that has just come");
	ok(!reload_is_listener(LINE("sshd: x [listener]\0")), "a name that only looks like it");
	ok(!reload_is_listener(LINE("/usr/sbin/sshd\0-D\0-R\0")), "one connection of a newer one");
	ok(!reload_is_listener(LINE("/usr/sbin/sshd\0-i\0")), "one of inetd");
	ok(!reload_is_listener(LINE("sshd\0-D\0")), "it could not start itself anew");
	ok(!reload_is_listener(LINE("")) && !reload_is_listener((struct str){}), "none");
	ok(reload_reads_other(LINE("/usr/sbin/sshd\0-f\0/etc/other\0")), "a file of its own");
	ok(reload_reads_other(LINE("/usr/sbin/sshd\0-f/etc/other\0")), "in one word");
	ok(reload_reads_other(
		   LINE("sshd: /usr/sbin/sshd -D -f /o [listener] 0 of 10-100 startups\0")),
	   "in what it names itself");
	ok(!reload_reads_other(LINE("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\0")) &&
		   !reload_reads_other(LINE("/usr/sbin/sshd\0-D\0-o\0Port=22\0")),
	   "the usual one");
	return done();
}
