// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * usage: sensor_watch [--quiet] [--cost] [--off SENSOR]... [RULES...]
 * Prints what the sensors tell, a line of JSON each: their state, then events with the Sigma rules
 * that match. On standard input, whose end ends the program:
 *   limit CGROUP PPS SECONDS    sets a limit
 *   interfaces                  looks for new ones
 *   restart                     another reader
 *   forget PID                  as if that process had been without privileges when it was looked at
 * --quiet: rules are matched, events not printed. Events are read by a child without privileges.
 */
#include <bpf/bpf.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/arena.h"
#include "base/file.h"
#include "detect/rule.h"
#include "sensor/sensors.h"

static struct names *names;
static struct rules *rules;
static struct matcher *matcher;
static struct sensors *sensors;
static bool quiet, cost;

static json_t *text(struct str s)
{
	json_t *j = json_stringn(s.ptr, s.len);

	return j ? j : json_string("(not UTF-8)");
}

static void print(json_t *o)
{
	json_dumpf(o, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
	fflush(stdout);
	json_decref(o);
}

static int64_t microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1'000'000 + t.tv_nsec / 1000;
}

static int on_event([[maybe_unused]] void *user, const struct event *e)
{
	json_t *o, *fired;
	const struct rule *const *list;
	size_t n = 0;

	if (quiet)
		return matcher ? matcher_match(matcher, e, &list, &n) : 0;
	o = json_object();
	fired = json_array();
	json_object_set_new(o, "category", text(names_text(names, e->source.category)));
	json_object_set_new(o, "time", json_integer(e->time));
	json_object_set_new(o, "late", json_integer(microseconds() - e->time));
	for (uint32_t i = 0; i < e->n; i++)
		json_object_set_new(o, names_text(names, e->values[i].field).ptr,
				    text(event_text(e, &e->values[i])));
	if (matcher && matcher_match(matcher, e, &list, &n) == 0)
		for (size_t i = 0; i < n; i++)
			json_array_append_new(fired, text(list[i]->title));
	json_object_set_new(o, "rules", fired);
	print(o);
	return 0;
}

static void print_state(void)
{
	for (enum sensor_id i = 0; i < SENSOR_N; i++) {
		struct sensor_state st;
		json_t *o = json_object();

		sensors_state(sensors, i, &st);
		json_object_set_new(o, "sensor", json_string(st.name));
		json_object_set_new(o, "running", json_boolean(st.running));
		json_object_set_new(o, "reason", json_string(st.reason ? st.reason : ""));
		json_object_set_new(o, "events", json_integer((json_int_t)st.events));
		json_object_set_new(o, "lost", json_integer((json_int_t)st.lost));
		json_object_set_new(o, "bad", json_integer((json_int_t)st.bad));
		print(o);
	}
}

static int load_rules(char **paths, int n, struct arena *a)
{
	struct rule_text *texts = calloc((size_t)MAX(n, 1), sizeof(*texts));
	size_t good = 0;
	int r;

	if (!texts)
		return -ENOMEM;
	for (int i = 0; i < n; i++)
		if (file_read(paths[i], (size_t)1 << 20, a, &texts[good].text) == 0)
			texts[good++].file = str_of(paths[i]);
	r = rules_compile(texts, good, names, (struct str){ "", 0 }, NULL, NULL, &rules);
	free(texts);
	return r < 0 ? r : matcher_new(rules, &matcher);
}

static volatile sig_atomic_t ended;
static void on_end([[maybe_unused]] int signal_number) { ended = 1; }

/* As the reader of the daemon: no privileges, and nothing of the kernel's but its events. */
static int child(void)
{
	/* As the daemon does: no descriptor but that one. */
	int keep = sensors_fd(sensors);

	if (close_range(3, (unsigned)keep - 1, 0) < 0 ||
	    close_range((unsigned)keep + 1, ~0U, 0) < 0)
		return 3;
	/* The last of them: a change of user takes it back. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || setgid(65534) < 0 || setuid(65534) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return 3;
	for (;;) {
		ssize_t n = sensors_read(sensors, 256, on_event, NULL);

		if (n < 0)
			return 3;
		if (n == 0 && ended)
			break;
		if (n < 256) {
			struct pollfd p = { .fd = sensors_fd(sensors), .events = POLLIN };

			poll(&p, 1, 2000);
		}
	}
	print_state();
	return 0;
}

/* There is no exploit of the kernel at hand: what its program remembers is changed instead. */
static int forget(uint32_t pid)
{
	struct process p;

	if (bpf_map_lookup_elem(sensors->maps[MAP_PROCESSES], &pid, &p) < 0)
		return -errno;
	p.uid = p.euid = p.suid = 1000;
	p.permitted = 0;
	return bpf_map_update_elem(sensors->maps[MAP_PROCESSES], &pid, &p, BPF_EXIST);
}

static pid_t reader;

static void start(void)
{
	signal(SIGTERM, on_end);
	reader = fork();
	if (reader == 0)
		_exit(child());
	signal(SIGTERM, SIG_DFL);
}

static void stop(int *status)
{
	kill(reader, SIGTERM);
	waitpid(reader, status, 0);
}

static int command(const char *line)
{
	unsigned long long group;
	unsigned pps, seconds, pid;
	int status;

	if (sscanf(line, "limit %llu %u %u", &group, &pps, &seconds) == 3)
		return sensors_limit(sensors, group, pps, seconds);
	if (sscanf(line, "forget %u", &pid) == 1)
		return forget(pid);
	if (!strcmp(line, "interfaces\n"))
		return sensors_interfaces(sensors);
	if (strcmp(line, "restart\n"))
		return -EINVAL;
	stop(&status);
	start();
	return 0;
}

static void commands(void)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		int r = command(line);

		if (r < 0)
			fprintf(stderr, "%.60s: %s\n", line, strerror(-r));
	}
}

/* Time spent in each program, as the kernel counts it. */
static void print_cost(void)
{
	for (enum sensor_id i = 0; i < SENSOR_N; i++) {
		struct bpf_program *p;

		if (!sensors->list[i].running)
			continue;
		bpf_object__for_each_program(p, sensors->list[i].object)
		{
			struct bpf_prog_info info = {};
			uint32_t size = sizeof(info);
			json_t *o = json_object();

			if (bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &size) < 0)
				info.run_cnt = 0;
			json_object_set_new(o, "program", json_string(bpf_program__name(p)));
			json_object_set_new(o, "runs", json_integer((json_int_t)info.run_cnt));
			json_object_set_new(o, "ns", json_integer((json_int_t)info.run_time_ns));
			json_object_set_new(o, "missed",
					    json_integer((json_int_t)info.recursion_misses));
			print(o);
		}
	}
}

static int watch(void)
{
	int status = 0;

	start();
	commands();
	stop(&status);
	if (cost)
		print_cost();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int main(int argc, char **argv)
{
	own(arena_release) struct arena a = {};
	struct sensor_options o = {};
	int r, i = 1;

	signal(SIGPIPE, SIG_IGN);
	if (names_new(&names) < 0)
		return 3;
	for (; i < argc && (!strcmp(argv[i], "--quiet") || !strcmp(argv[i], "--cost")); i++)
		*(argv[i][2] == 'q' ? &quiet : &cost) = true;
	if (cost && bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		return 3;
	for (; i + 1 < argc && !strcmp(argv[i], "--off"); i += 2)
		o.off |= 1U << strtoul(argv[i + 1], NULL, 10);
	if (load_rules(argv + i, argc - i, &a) < 0 || sensors_fields(names) < 0)
		return 3;
	o.names = names;
	r = sensors_open(&o, &sensors);
	if (r < 0) {
		fprintf(stderr, "sensors: %s\n", strerror(-r));
		if (r == -ENODEV)
			print_state();
		return r == -EPERM || r == -ENOTSUP || r == -ENODEV ? 77 : 3;
	}
	print_state();
	r = watch();
	sensors_release(&sensors);
	matcher_release(&matcher);
	rules_release(&rules);
	names_release(&names);
	return r;
}
