/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: hunt_make KIND MEGABYTES ADDRESSES >FILE
 * KIND: attack (what sshd on Debian writes while passwords are guessed), failed (of that the lines
 * "Failed password" only), iso (attack with RFC 3339 times), quiet (one line in 1,000 is of sshd).
 * Connections overlap; addresses take turns at random. The same call writes the same bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN 32 /* connections at a time */
#define LINES_A_SECOND 20
#define START 1767225600 /* 2026-01-01 */

static const char *const names[] = {
	"admin",   "test",     "user",    "ubuntu",    "oracle",    "postgres", "pi",
	"guest",   "ftpuser",  "git",     "deploy",    "hadoop",    "www",      "mysql",
	"support", "nagios",   "jenkins", "tomcat",    "minecraft", "es",       "centos",
	"debian",  "ec2-user", "steam",   "teamspeak", "vagrant",   "dev",      "web",
	"backup",  "operator", "student", "zabbix",    "ansible",   "demo",     "server",
	"default", "info",     "service", "john",      "sysadmin",
};
static const char *const quiet[] = {
	"systemd[1]: Started session-%u.scope - Session %u of User backup.",
	"CRON[%u]: (root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 %u)",
	"kernel: [%u.%06u] audit: type=1400 apparmor=\"STATUS\" operation=\"profile_replace\"",
	"dhclient[%u]: DHCPACK of 10.0.0.4 from 168.63.129.16 (xid=0x%x)",
	"named[%u]: client @0x7f %u: query: www.example.net IN A +E(0)K",
	"containerd[%u]: time=\"2026\" level=info msg=\"shim %u disconnected\" namespace=moby",
	"dnsmasq[%u]: cached cdn%u.example.net is 198.18.4.7",
	"app[%u]: INFO request finished in %u ms: GET /products/list 200",
};

static uint64_t seed = 1;

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(seed >> 33) % n;
}

struct connection {
	unsigned address, port, pid, step;
	const char *name;
	int invalid;
};

static unsigned pid = 1000;

static void begin(struct connection *c, unsigned addresses)
{
	unsigned who = dice(10);

	*c = (struct connection){ .address = dice(addresses),
				  .port = 32768 + dice(28000),
				  .pid = pid };
	pid = pid > 400000 ? 1000 : pid + 1 + dice(3);
	c->invalid = who >= 4;
	c->name = who < 4 ? "root" : names[dice(sizeof names / sizeof *names)];
}

static const char *address(unsigned n)
{
	static char text[16];
	uint32_t a = 0x2d000000U + n * 2654435761U % 0x90000000U;

	snprintf(text, sizeof text, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
	return text;
}

#define FAILURE \
	"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=%s"

/* The connection's next line; 0: it was the last one. */
static int say(struct connection *c, char *to, size_t n)
{
	const char *from = address(c->address), *who = c->invalid ? "invalid user " : "";

	switch (c->step++ + (c->invalid ? 0 : 10)) {
	case 0:
		snprintf(to, n, "Invalid user %s from %s port %u", c->name, from, c->port);
		return 1;
	case 1: snprintf(to, n, "pam_unix(sshd:auth): check pass; user unknown"); return 1;
	case 2: snprintf(to, n, FAILURE " ", from); return 1;
	case 10: snprintf(to, n, FAILURE "  user=%s", from, c->name); return 1;
	case 3:
	case 11:
		snprintf(to, n, "Failed password for %s%s from %s port %u ssh2", who, c->name, from,
			 c->port);
		return 1;
	case 4:
		snprintf(to, n, "Received disconnect from %s port %u:11: Bye Bye [preauth]", from,
			 c->port);
		return 1;
	case 5:
		snprintf(to, n, "Disconnected from invalid user %s %s port %u [preauth]", c->name,
			 from, c->port);
		return 0;
	default:
		snprintf(to, n, "Connection closed by authenticating user %s %s port %u [preauth]",
			 c->name, from, c->port);
		return 0;
	}
}

static const char *stamp(uint64_t line, int iso)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	static char text[64];
	uint64_t second = line / LINES_A_SECOND;
	unsigned day = (unsigned)(second / 86400 % 300), month = 0, s = (unsigned)(second % 86400);

	while (day >= lengths[month])
		day -= lengths[month++];
	if (iso)
		snprintf(text, sizeof text, "2026-%02u-%02uT%02u:%02u:%02u.%06u+00:00", month + 1,
			 day + 1, s / 3600, s / 60 % 60, s % 60,
			 (unsigned)(line % LINES_A_SECOND) * 49999 + dice(40000));
	else
		snprintf(text, sizeof text, "%s %2u %02u:%02u:%02u", months[month], day + 1,
			 s / 3600, s / 60 % 60, s % 60);
	return text;
}

int main(int argc, char **argv)
{
	struct connection open[OPEN];
	uint64_t bytes = 0, most, line = 0;
	unsigned addresses;
	int iso, failed, calm;

	if (argc != 4)
		return 2;
	most = strtoull(argv[2], NULL, 10) * 1000000;
	addresses = (unsigned)strtoul(argv[3], NULL, 10);
	iso = !strcmp(argv[1], "iso");
	failed = !strcmp(argv[1], "failed");
	calm = !strcmp(argv[1], "quiet");
	for (unsigned i = 0; i < OPEN; i++)
		begin(&open[i], addresses);
	for (; bytes < most; line++) {
		struct connection *c = &open[dice(OPEN)];
		char text[256];
		int more, n;

		if (calm && line % 1000) {
			unsigned form = dice(sizeof quiet / sizeof *quiet);

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(text, sizeof text, quiet[form], 100 + dice(30000), dice(1000000));
			n = printf("%s web1 %s\n", stamp(line, 0), text);
			bytes += (uint64_t)n;
			continue;
		}
		if (failed)
			c->step = c->invalid ? 3 : 1;
		more = say(c, text, sizeof text);
		n = printf("%s web1 sshd[%u]: %s\n", stamp(line, iso), c->pid, text);
		bytes += (uint64_t)n;
		if (!more || failed)
			begin(c, addresses);
	}
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
