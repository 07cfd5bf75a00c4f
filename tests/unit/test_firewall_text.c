/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action/firewall_text.h"
#include "base/subprocess.h"
#include "tap.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/wait.h>

static void check_lists(void)
{
	struct firewall_text t = {};

	is_int(firewall_parse(&t, STR("22,443/tcp, 51820/udp,22")), 0, "a list");
	is_int((int64_t)t.n, 3, "each port once");
	is_int(t.ports[2].protocol, IPPROTO_UDP, "of its protocol");
	is_int(firewall_parse(&t, STR("22/sctp")), -EINVAL, "another protocol");
	is_int(firewall_parse(&t, STR("0")), -EINVAL, "no port");
	is_int(firewall_parse(&t, STR("65536")), -EINVAL, "too large");
	is_int(firewall_parse(&t, STR("22 accept; }")), -EINVAL, "more than a port");
	firewall_drop(&t, IPPROTO_TCP, 22);
	is_int((int64_t)t.n, 2, "one less");
	firewall_drop(&t, IPPROTO_TCP, 51820);
	is_int((int64_t)t.n, 2, "of another protocol");
	for (unsigned port = 1; port <= FIREWALL_PORTS_MAX - 2; port++)
		if (firewall_add(&t, IPPROTO_UDP, (uint16_t)port) < 0)
			ok(false, "room for so many ports");
	is_int(firewall_add(&t, IPPROTO_TCP, 9999), -E2BIG, "and no more");
}

static void check_again(const char *list, bool log)
{
	struct buf a own(buf_release) = BUF(1 << 16), b own(buf_release) = BUF(1 << 16);
	struct firewall_text t = { .log = log }, u = {};

	is_int(firewall_parse(&t, str_of(list)), 0, "a list");
	is_int(firewall_format(&t, &a), 0, "a file");
	is_int(firewall_read(&u, buf_view(&a)), 0, "is read");
	is_int(u.log, log, "with its log");
	is_int(firewall_format(&u, &b), 0, "and written");
	is_str(buf_view(&b), buf_view(&a), "as it was");
}

static void put(struct str text, char path[static 32])
{
	int fd;

	memcpy(path, "/tmp/firewall.XXXXXX", sizeof "/tmp/firewall.XXXXXX");
	fd = mkstemp(path);
	ok(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len, "a file for nft");
	close(fd);
}

/* nft(8) says whether it is right; it needs the rights of a network namespace for that. */
static void check_program(const char *list, bool log)
{
	struct buf text own(buf_release) = BUF(1 << 16), out own(buf_release) = BUF(1 << 16);
	const char *name = "nft -c accepts it";
	struct firewall_text t = { .log = log };
	char path[32];
	int status = 0, r;

	is_int(firewall_parse(&t, str_of(list)), 0, "a list");
	is_int(firewall_format(&t, &text), 0, "a file");
	put(buf_view(&text), path);
	r = subprocess_run(
		(const char *const[]){ "unshare", "-rn", "nft", "list", "ruleset", NULL }, 60'000,
		&out, &status);
	if (r < 0 || status) {
		skip(name, "no nft in a network namespace of its own");
	} else {
		r = subprocess_run(
			(const char *const[]){ "unshare", "-rn", "nft", "-c", "-f", path, NULL },
			60'000, &out, &status);
		ok(!r && WIFEXITED(status) && !WEXITSTATUS(status), name);
	}
	unlink(path);
}

int main(void)
{
	check_lists();
	check_again("", false);
	check_again("22,80,443,51820/udp", true);
	check_program("22", false);
	check_program("22,80,443,51820/udp,53/udp,53", true);
	return done();
}
