/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SigmaHQ's regression data: each event, as JSON, fires the rule that it was recorded for. */
#include "tap.h"

#include "base/root.h"
#include "events/evtx_source.h"
#include "sigma_cached.h"
#include "sigma_corpus.h"
#include "sigma_json.h"

#define EVENTS "../shared/corpora/evtx/sigma-regression"

static struct {
	struct names *names;
	struct rules *rules;
	struct matcher *matcher;
	struct evtx_sources *sources;
	unsigned events, silent, others;
} all;

static struct str field(const struct event *e, const char *name)
{
	const struct event_value *v = event_get(e, names_find(all.names, str_of(name)));

	return v ? v->text : STR("");
}

static bool fires(const struct event *e, struct str id)
{
	const struct rule *const *list;
	bool found = false;
	size_t n = 0;

	if (matcher_match(all.matcher, e, &list, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		found = found || str_eq(list[i]->id, id);
	all.others += (unsigned)(n - found);
	return found;
}

static void add_aliases(struct json_event *e, const struct evtx_source *source)
{
	for (size_t i = 0; i < evtx_n_aliases; i++) {
		uint16_t from = names_find(all.names, str_of(evtx_aliases[i].original));
		uint16_t to = names_find(all.names, str_of(evtx_aliases[i].field));
		const struct event_value *v = event_get(&e->event, from);

		for (size_t k = 0; v && to && k < COUNT(source->aliases); k++)
			if (source->aliases[k].field == to && !event_get(&e->event, to)) {
				e->values[e->event.n] = *v;
				e->values[e->event.n++].field = to;
			}
	}
}

/* One of the file's events at least; some files have several, one after the other. */
static bool check_file(const char *path, struct str id)
{
	struct json_event e = { .names = all.names };
	FILE *f = fopen(path, "re");
	bool fired = false;
	json_t *root;

	while (f && (root = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL))) {
		struct evtx_source source;
		int64_t event_id = 0;

		(void)json_event(&e, root);
		(void)!str_to_int64(field(&e.event, "EventID"), &event_id);
		source = evtx_source_find(
			all.sources, evtx_source_channel(all.sources, field(&e.event, "Channel")),
			event_id, field(&e.event, "EventType"));
		e.event.source = source.source;
		add_aliases(&e, &source);
		all.events++;
		fired |= fires(&e.event, id);
		json_decref(root);
	}
	if (f)
		fclose(f);
	json_release(&e);
	return fired;
}

static int each_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct str file = str_of(path + ftw->base);

	(void)st;
	if (type != FTW_F || !str_ends(file, STR(".json")))
		return 0;
	if (!ok(check_file(path, str_sub(file, 0, file.len - strlen(".json"))), path + ftw->base))
		printf("# %s\n", path);
	return 0;
}

/* As rules are compiled the first time, and as they are read from the cache. */
static void check_all(bool cached)
{
	bool hit = false;

	all.events = all.others = 0;
	if (ok(names_new(&all.names) == 0 &&
		       cached_compile(corpus, corpus_n, all.names, NULL, NULL, &all.rules, &hit) ==
			       0 &&
		       hit == cached && matcher_new(all.rules, &all.matcher) == 0 &&
		       evtx_sources_new(all.names, &all.sources) == 0,
	       cached ? "rules of the cache" : "rules")) {
		nftw(EVENTS, each_file, 16, FTW_PHYS);
		printf("# %u events; %u other rules fired, too\n", all.events, all.others);
		ok(all.events > 200, "there were events");
	}
	evtx_sources_release(&all.sources);
	matcher_release(&all.matcher);
	rules_release(&all.rules);
	names_release(&all.names);
}

int main(void)
{
	unsigned others;

	if (!corpus_load() || access(EVENTS, R_OK) < 0) {
		skip("SigmaHQ's regression data", "the corpora are not there");
		return done();
	}
	if (!ok(cached_begin(), "a folder"))
		return done();
	check_all(false);
	others = all.others;
	check_all(true);
	is_int(all.others, others, "the same other rules");
	cached_end();
	arena_release(&corpus_arena);
	return done();
}
