/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/exposed.h"

#define FILES_MAX 100'000
#define FIXES_MAX 1'000
#define FILE_MAX ((size_t)4 << 30)

static int add_file(const char *path, struct exposed *x)
{
	struct az_file file = { .name = arena_str(&x->files, str_of(path)) };
	int r = file.name.ptr ? file_read(path, FILE_MAX, &x->files, &file.text) : -ENOMEM;

	if (r >= 0 && x->n_azure >= FILES_MAX)
		r = -E2BIG;
	if (r >= 0)
		r = arena_push(&x->files, x->azure, x->n_azure, x->cap_azure, file);
	if (r < 0) {
		cli_error("%s: %s", path, file_error(r));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int is_export(const struct dirent *e)
{
	return str_ends(str_of(e->d_name), STR(".json")) && e->d_name[0] != '.';
}

static int add_folder(const char *path, struct exposed *x)
{
	struct dirent **names;
	int n = scandir(path, &names, is_export, alphasort), r = EXIT_OK;

	if (n < 0) {
		cli_error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	if (!n) {
		cli_error("%s: no *.json in this folder", path);
		r = EXIT_FAILED;
	}
	for (int i = 0; i < n; i++) {
		char file[PATH_MAX];

		if (r == EXIT_OK && (size_t)snprintf(file, sizeof file, "%s/%s", path,
						     names[i]->d_name) < sizeof file)
			r = add_file(file, x);
		free(names[i]);
	}
	free(names);
	return r;
}

int exposed_read_azure(const char *const *paths, size_t n, struct exposed *x)
{
	int r = EXIT_OK;

	for (size_t i = 0; r == EXIT_OK && i < n; i++) {
		struct stat st;
		bool folder = stat(paths[i], &st) == 0 && S_ISDIR(st.st_mode);

		r = folder ? add_folder(paths[i], x) : exposed_no_facts(paths[i]);
		if (r == EXIT_OK && !folder)
			r = add_file(paths[i], x);
	}
	return r;
}

#define PROBLEMS_SHOWN 8

/* What is not understood is unknown in the answer; where it stands helps to put it right. */
static void show_problem(void *user, struct str file, unsigned line, const char *reason)
{
	unsigned *n = user;

	if ((*n)++ < PROBLEMS_SHOWN)
		cli_error("%.*s:%u: %s", STR_FMT(file), line, reason);
}

static int load_model(struct exposed *x, struct arena *a)
{
	struct az_model *model = arena_new(a, struct az_model);
	struct diag d = {};
	char text[600];
	unsigned shown = 0;
	const struct az_problems problems = { show_problem, &shown };
	int r = model ? az_load(x->azure, x->n_azure, a, &problems, model, &d) : -ENOMEM;

	if (shown > PROBLEMS_SHOWN)
		cli_error("and %u more: holdfast query 'SELECT * FROM azure_problems' --azure ...",
			  shown - PROBLEMS_SHOWN);
	if (r >= 0)
		r = reach_new(model, a, &x->cloud);
	if (r >= 0 && shown && !reach_count(x->cloud)) {
		cli_error("the files hold no machine and no network security group");
		return EXIT_FAILED;
	}
	if (r >= 0)
		return EXIT_OK;
	if (!d.reason[0])
		diag_set(&d, r, NULL, 0, "cannot read the Azure data: %s", strerror(-r));
	cli_error("%s", diag_text(&d, text, sizeof text));
	return EXIT_FAILED;
}

/* The machine of the other sources among those of the files: by its name, or the only one. */
static bool find_machine(struct exposed *x, size_t *ret)
{
	size_t n = 0;

	if (x->reach.host.len && reach_find(x->cloud, x->reach.host, ret) >= 0)
		return true;
	for (size_t i = 0; i < reach_count(x->cloud); i++)
		if (reach_target(x->cloud, i).kind == REACH_VM) {
			*ret = i;
			n++;
		}
	return n == 1;
}

/* Whoever passes a range of the cloud's ports and reaches one of its own through it. */
static int add_way(const struct exposure_arrival *from, const struct exposure *range,
		   struct arena *a, struct exposure *cloud)
{
	struct net_ranges must = {}, may;
	int r = net_ranges_and(&from->may, &range->may, a, &may);

	/* Of a range that the cloud cuts, it is not known which of its ports they use. */
	if (r >= 0 && range->first <= from->first && from->last <= range->last)
		r = net_ranges_and(&from->must, &range->must, a, &must);
	if (r >= 0)
		r = net_ranges_or(&cloud->must, &must, a, &cloud->must);
	if (r >= 0)
		r = net_ranges_or(&cloud->may, &may, a, &cloud->may);
	for (size_t i = 0; r >= 0 && may.n && i < range->n_rules; i++)
		r = arena_push(a, cloud->rules, cloud->n_rules, cloud->cap_rules, range->rules[i]);
	if (!cloud->unknown.len)
		cloud->unknown = range->unknown;
	return r;
}

/* What the cloud lets through to the ports at which packets arrive that a translation leads to e. */
static int find_ways(const struct exposures *ranges, const struct exposure *e, struct arena *a,
		     struct exposure *ret)
{
	struct exposure cloud = { .unknown = STR(""), .bound = STR("") };
	int r = 0;

	for (size_t k = 0; r >= 0 && k < e->n_arrivals; k++)
		for (size_t i = 0; r >= 0 && i < ranges->n; i++) {
			const struct exposure *range = &ranges->list[i];

			if (str_eq(range->protocol, e->protocol) &&
			    range->first <= e->arrivals[k].last &&
			    e->arrivals[k].first <= range->last)
				r = add_way(&e->arrivals[k], range, a, &cloud);
		}
	cloud.internet = reach_of(&cloud.must, &cloud.may);
	*ret = cloud;
	return r;
}

static int put_behind(struct exposed *x, struct arena *a)
{
	struct cloud_keep keep = {};
	struct exposures ranges = {};
	size_t at;
	int r = 0;

	if (!find_machine(x, &at)) {
		cli_error("the Azure data has no machine '%.*s'", STR_FMT(x->reach.host));
		return EXIT_FAILED;
	}
	for (size_t i = 0; r >= 0 && i < x->list.n; i++) {
		struct exposure *e = &x->list.list[i], cloud;

		if (e->bound.len)
			continue;
		if (e->n_arrivals && !ranges.n)
			r = cloud_exposures(x->cloud, at, &keep, a, &ranges);
		if (r >= 0)
			r = e->n_arrivals ? find_ways(&ranges, e, a, &cloud)
					  : cloud_exposure_port(x->cloud, at, e->protocol, e->first,
								&keep, a, &cloud);
		if (r >= 0)
			r = exposure_behind(e, &cloud, a);
	}
	if (r < 0)
		cli_error("cannot evaluate: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int list_port(struct exposed *x, size_t target, const struct exposed_port *port,
		     struct cloud_keep *keep, struct arena *a)
{
	static const char *const protocols[] = { "tcp", "udp" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(protocols); i++) {
		struct exposure e;

		if (port->protocol.len && !str_eq(port->protocol, str_of(protocols[i])))
			continue;
		r = cloud_exposure_port(x->cloud, target, str_of(protocols[i]), port->port, keep, a,
					&e);
		if (r >= 0)
			r = arena_push(a, x->list.list, x->list.n, x->list.cap, e);
	}
	return r;
}

int exposed_load_azure(struct exposed *x, const struct exposed_port *port, struct arena *a)
{
	struct cloud_keep keep = { .prefixes = &x->keep, .fixes = FIXES_MAX };
	int r = load_model(x, a);

	if (r != EXIT_OK)
		return r;
	if (!reach_count(x->cloud)) {
		cli_error(
			"no machine in this data: az vm list -d and az network nic list say which "
			"there are");
		return EXIT_FAILED;
	}
	if (x->has_machine)
		return put_behind(x, a);
	for (size_t i = 0; r >= 0 && i < reach_count(x->cloud); i++)
		r = port ? list_port(x, i, port, &keep, a)
			 : cloud_exposures(x->cloud, i, &keep, a, &x->list);
	if (r < 0)
		cli_error("cannot evaluate: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}
