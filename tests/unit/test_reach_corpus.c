/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules and templates that others wrote, where they are beside the tree. Checkov's verdicts are of
 * resources one by one; ours are of an NSG. Where they differ:
 *
 * *-RULE-PASSED.json: the NSG of the rule is not in the file. Checkov passes the rule; of the ports
 * nothing is known.
 * *-RULE-1Pass-1Fail.json: Checkov's "pass" is the NSG and its "fail" the rule that stands beside
 * it: together they are one NSG, and it is open.
 */
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>

#include "facts/azure/reach.h"
#include "tap.h"

#define CORPUS "../shared/corpora/nsg/"

static struct str read_file(struct arena *a, const char *path)
{
	own(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		return (struct str){};
	p = arena_alloc(a, (size_t)st.st_size + 1);
	if (!p || read(fd, p, (size_t)st.st_size) != st.st_size)
		abort();
	return (struct str){ p, (size_t)st.st_size };
}

static int load(struct arena *a, const char *name, struct str text, struct reach **ret)
{
	struct az_model *m = arena_new(a, struct az_model);
	struct az_file file = { str_of(name), text };
	int r = m ? az_load(&file, 1, a, NULL, m, NULL) : -ENOMEM;

	return r < 0 ? r : reach_new(m, a, ret);
}

/* The worst of all targets. */
static int internet(struct arena *a, const struct reach *r, uint8_t protocol, uint16_t port,
		    enum nsg_internet *ret)
{
	enum nsg_internet worst = NSG_CLOSED;

	for (size_t i = 0; i < reach_count(r); i++) {
		struct reach_answer answer;
		struct reach_host h;
		int e = reach_host(r, i, a, &h);

		if (e >= 0)
			e = reach_ports(&h, protocol, &port, 1, a, &answer);
		if (e < 0)
			return e;
		if (answer.internet == NSG_OPEN || worst == NSG_CLOSED)
			worst = answer.internet;
	}
	*ret = worst;
	return 0;
}

static enum nsg_internet trap(json_t *one)
{
	own(arena_release) struct arena a = {};
	own(reach_release) struct reach *r = NULL;
	json_t *nsg = json_pack("[{s:s, s:s, s:s, s:O}]", "type",
				"Microsoft.Network/networkSecurityGroups", "name", "a", "id",
				"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/"
				"networkSecurityGroups/a",
				"securityRules", json_object_get(one, "securityRules"));
	char *text = json_dumps(nsg, 0);
	enum nsg_internet answer = NSG_UNKNOWN;
	const char *protocol = json_string_value(json_object_get(one, "protocol"));
	int64_t port = json_integer_value(json_object_get(one, "port"));

	if (!text || !protocol || load(&a, "trap", str_of(text), &r) < 0 ||
	    internet(&a, r, str_ieq(str_of(protocol), STR("udp")) ? 17 : 6, (uint16_t)port,
		     &answer) < 0)
		abort();
	free(text);
	json_decref(nsg);
	return answer;
}

static void test_traps(void)
{
	json_t *list = json_load_file(CORPUS "traps.json", 0, NULL), *one;
	size_t i, n = 0;

	if (!list) {
		skip("traps", "the corpus is not there");
		return;
	}
	json_array_foreach(list, i, one)
	{
		bool open = json_is_true(json_object_get(one, "internet_reachable"));

		is_int(trap(one), open ? NSG_OPEN : NSG_CLOSED,
		       json_string_value(json_object_get(one, "name")));
		n++;
	}
	is_int((int64_t)n, 13, "thirteen traps");
	json_decref(list);
}

static void test_checkov(void)
{
	static const struct {
		const char *name;
		uint16_t port;
		enum nsg_internet want;
	} cases[] = {
		{"HTTP-FAILED",            80,   NSG_OPEN   },
		{ "HTTP-RULE-1Pass-1Fail", 80,   NSG_OPEN   },
		{ "HTTP-RULE-PASSED",      80,   NSG_UNKNOWN},
		{ "RDP-FAILED",            3389, NSG_OPEN   },
		{ "RDP-RULE-1Pass-1Fail",  3389, NSG_OPEN   },
		{ "RDP-RULE-PASSED",       3389, NSG_UNKNOWN},
		{ "SSH-FAILED",            22,   NSG_OPEN   },
		{ "SSH-RULE-1Pass-1Fail",  22,   NSG_OPEN   },
		{ "SSH-RULE-PASSED",       22,   NSG_UNKNOWN},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		own(arena_release) struct arena a = {};
		own(reach_release) struct reach *r = NULL;
		enum nsg_internet got = NSG_CLOSED;
		struct str path = arena_fmt(&a, CORPUS "checkov/%s.json", cases[i].name);
		struct str text = read_file(&a, path.ptr);

		if (!text.ptr) {
			skip(cases[i].name, "the corpus is not there");
			continue;
		}
		if (load(&a, cases[i].name, text, &r) < 0 ||
		    internet(&a, r, 6, cases[i].port, &got) < 0)
			ok(false, cases[i].name);
		else
			is_int(got, cases[i].want, cases[i].name);
	}
}

struct summary {
	unsigned files, unreadable, targets, ways, answers[3], wrong;
};

/* Maps without gaps, that say what a list of ports says. */
static int check_host(struct arena *a, const struct reach *r, size_t i, struct summary *s)
{
	static const uint16_t ports[] = { 21, 22, 80, 443, 3389, 5985 };
	struct reach_answer answers[COUNT(ports)], *map;
	struct reach_host h;
	size_t n, at = 0;
	int e = reach_host(r, i, a, &h);

	if (e >= 0)
		e = reach_ports(&h, 6, ports, COUNT(ports), a, answers);
	if (e >= 0)
		e = reach_map(&h, 6, a, &map, &n);
	if (e < 0)
		return e;
	s->targets++;
	s->ways += (unsigned)h.n;
	for (size_t k = 0; k < COUNT(ports); k++) {
		while (at < n && map[at].last < ports[k])
			at++;
		s->wrong += at == n || map[at].internet != answers[k].internet;
		s->answers[answers[k].internet]++;
	}
	s->wrong += map[0].first || map[n - 1].last != UINT16_MAX;
	return 0;
}

static void check_file(const char *name, struct summary *s)
{
	own(arena_release) struct arena a = {};
	own(reach_release) struct reach *r = NULL;
	struct str path = arena_fmt(&a, CORPUS "quickstart/%s", name);
	int e = load(&a, name, read_file(&a, path.ptr), &r);

	s->files++;
	if (e == -EBADMSG)
		s->unreadable++;
	for (size_t i = 0; e >= 0 && i < reach_count(r); i++)
		e = check_host(&a, r, i, s);
	if (e < 0 && e != -EBADMSG)
		s->wrong++;
}

static void test_quickstart(void)
{
	DIR *d = opendir(CORPUS "quickstart");
	struct summary s = {};
	const struct dirent *e;

	if (!d) {
		skip("quickstart", "the corpus is not there");
		return;
	}
	while ((e = readdir(d)))
		if (str_ends(str_of(e->d_name), STR(".json")))
			check_file(e->d_name, &s);
	closedir(d);
	printf("# %u files (%u are no JSON), %u targets with %u ways; of ports: %u closed, %u open, "
	       "%u unknown\n",
	       s.files, s.unreadable, s.targets, s.ways, s.answers[NSG_CLOSED], s.answers[NSG_OPEN],
	       s.answers[NSG_UNKNOWN]);
	is_int(s.files, 274, "all templates");
	is_int(s.unreadable, 0, "…are read");
	is_int(s.wrong, 0, "…and evaluate");
	ok(s.targets >= 400 && s.answers[NSG_OPEN] >= 300, "machines are found, and open ports");
	ok(s.answers[NSG_UNKNOWN] < s.answers[NSG_OPEN] + s.answers[NSG_CLOSED],
	   "most answers are known");
}

int main(void)
{
	test_traps();
	test_checkov();
	test_quickstart();
	return done();
}
