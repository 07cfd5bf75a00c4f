/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled rules on disk: the same as compiled ones, and never believed when somebody touched them. */
#include "tap.h"

#include "base/buf.h"
#include "detect/image.h"
#include "sigma_brute.h"
#include "sigma_cached.h"
#include "sigma_corpus.h"
#include "sigma_events.h"
#include "sigma_plain.h"

#define MADE 1500

static struct arena arena = { .limit = (size_t)256 << 20 };
static struct rule_text texts[MADE];

static const char bodies[][160] = {
	"  s: {A|contains: [abc#, defgh], B|endswith: '\\cmd#.exe'}\n",
	"  s: {A|re: 'a#+[x-z]|\\bq#', B|cidr: 10.#.0.0/16}\n",
	"  s: {A: 'a*b?#', B|fieldref: A, C|gt: #}\n",
	"  s: ['word#', 'more?#']\n",
	"  s: {A: null, B|exists: true, C|cased|contains: Ab#, D: '#'}\n",
	"  s: {no-end: [\n",
};

/* A body with a number for each #. */
static struct str fill(const char *body, unsigned number)
{
	char text[256];
	size_t n = 0;

	for (; *body; body++)
		n += (size_t)(*body == '#' ? sprintf(text + n, "%u", number % 200)
					   : sprintf(text + n, "%c", *body));
	return arena_str(&arena, (struct str){ text, n });
}

static bool make_texts(void)
{
	char filler[512];

	memset(filler, 'x', sizeof filler);
	for (unsigned i = 0; i < MADE; i++) {
		struct str body = fill(bodies[i % 6], i);

		texts[i].file = arena_fmt(&arena, "made/%u.yml", i);
		texts[i].text = arena_fmt(
			&arena,
			"title: t%u\nid: %u\nname: n%u\nlevel: high\ndescription: %.*s\n"
			"tags: [attack.t%u]\nlogsource: {product: p%u}\ndetection:\n"
			"  condition: s\n%s"
			"---\ntitle: c%u\ncorrelation: {type: event_count, rules: [n%u], "
			"group-by: [A], timespan: 5m, condition: {gte: %u}}\n",
			i, i, i, (int)sizeof filler, filler, i, i % 3, body.ptr, i, i, i % 9 + 1);
		if (!texts[i].text.ptr || !texts[i].file.ptr)
			return false;
	}
	return true;
}

/* What was said of the rules, as text. */
struct said {
	struct buf text;
	const struct rule_text *from;
};

static void say(void *user, const struct rule_text *t, const struct rule *r, const struct diag *d)
{
	struct said *s = user;
	char line[600];
	int e = buf_fmt(&s->text, "%td ", t - s->from);

	if (e == 0 && d)
		e = buf_fmt(&s->text, "%s\n", diag_text(d, line, sizeof line));
	if (e == 0 && r)
		e = buf_fmt(&s->text,
			    "%u %.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s %u %u %u %zu %zu %zu %zu %d "
			    "%u %u %u\n",
			    r->index, STR_FMT(r->id), STR_FMT(r->name), STR_FMT(r->title),
			    STR_FMT(r->description), STR_FMT(r->author), STR_FMT(r->file),
			    STR_FMT(r->note), r->line, r->level, r->type, r->n_tags, r->n_rules,
			    r->n_group_by, r->fields.n, r->silent, r->source.product,
			    r->source.service, r->source.category);
	for (size_t i = 0; e == 0 && r && i < r->n_rules; i++)
		e = buf_fmt(&s->text, "<%u", r->rules[i]->index);
	for (size_t i = 0; e == 0 && r && i < r->n_tags; i++)
		e = buf_fmt(&s->text, " %.*s", STR_FMT(r->tags[i]));
	if (e < 0)
		abort();
}

static bool same_names(const struct names *a, const struct names *b)
{
	bool same = names_count(a) == names_count(b);

	for (size_t i = 0; same && i < names_count(a); i++)
		same = str_eq(names_text(a, (uint16_t)i), names_text(b, (uint16_t)i));
	return same;
}

struct set {
	struct names *names;
	struct rules *rules;
	struct matcher *matcher;
	struct said said;
	bool hit;
};

static void set_release(struct set *s)
{
	matcher_release(&s->matcher);
	rules_release(&s->rules);
	names_release(&s->names);
	buf_release(&s->said.text);
	*s = (struct set){};
}

static bool set_make(struct set *s, const struct rule_text *list, size_t n)
{
	int r;

	*s = (struct set){
		.said = {BUF((size_t)64 << 20), list}
	};
	r = names_new(&s->names);
	if (r == 0)
		r = cached_compile(list, n, s->names, say, &s->said, &s->rules, &s->hit);
	return r == 0 && matcher_new(s->rules, &s->matcher) == 0;
}

static bool same_sets(const struct set *a, const struct set *b)
{
	return rules_count(a->rules) == rules_count(b->rules) && same_names(a->names, b->names) &&
	       str_eq(buf_view(&a->said.text), buf_view(&b->said.text));
}

/* Whether the cache knows the rules now; in any case they must be what they are. */
static bool compiles(const struct set *want, const struct rule_text *list, size_t n, bool hit)
{
	own(set_release) struct set s = {};
	bool good = set_make(&s, list, n) && s.hit == hit && same_sets(want, &s);

	if (!good)
		printf("# %s, %zu rules\n", s.hit ? "from the cache" : "compiled",
		       s.rules ? rules_count(s.rules) : 0);
	return good;
}

static bool same_matches(struct set *a, struct set *b, const struct event *e, size_t *sum,
			 const struct sigma_document *own, uint32_t index)
{
	bool found = false;
	const struct rule *const *of_a, *const *of_b;
	size_t n = 0, k = 0;

	if (matcher_match(a->matcher, e, &of_a, &n) < 0 ||
	    matcher_match(b->matcher, e, &of_b, &k) < 0 || n != k)
		return false;
	for (size_t i = 0; i < n; i++)
		if (of_a[i]->index != of_b[i]->index || !str_eq(of_a[i]->id, of_b[i]->id))
			return false;
		else
			found = found || of_b[i]->index == index;
	*sum += n;
	return found == (brute_source(&own->rule.source, e) && brute_expr(own->condition, e));
}

/* Events made from every rule: both sets say the same of each, rule by rule. */
static void test_corpus(void)
{
	static struct made made;
	own(set_release) struct set plain = {}, cold = {}, hit = {};
	struct plain read = {};
	unsigned wrong = 0;
	size_t sum = 0;

	if (!corpus_load()) {
		skip("rules of SigmaHQ", "the corpora are not there");
		return;
	}
	setenv("HOLDFAST_CACHE", "off", 1);
	if (!ok(set_make(&plain, corpus, corpus_n) && !plain.hit, "without a cache"))
		return;
	setenv("HOLDFAST_CACHE", cached_folder, 1);
	ok(set_make(&cold, corpus, corpus_n) && !cold.hit && same_sets(&plain, &cold), "written");
	if (!ok(set_make(&hit, corpus, corpus_n) && hit.hit, "read"))
		return;
	ok(same_sets(&plain, &hit), "rules, refusals and names are the same");
	read.names = plain.names;
	if (!is_int(read_plain(&read), 0, "read plainly"))
		return;
	for (size_t i = 0; i < read.n; i++)
		for (unsigned k = 0; k < 3; k++) {
			struct event e = { .source = read.list[i].rule.source };

			made_start(&made, read.list[i].condition);
			wrong += !same_matches(&plain, &hit, made_finish(&made, &e, k), &sum,
					       &read.list[i], (uint32_t)i);
		}
	printf("# %zu rules, %zu matches\n", read.n, sum);
	is_int(wrong, 0, "every rule matches the same events");
	ok(sum > read.n, "there were matches");
	arena_release(&read.arena);
	arena_release(&read.kept);
	arena_release(&corpus_arena);
}

static char file[400]; /* of the rules that were made */

static void find_file(const char *path)
{
	if (str_ends(str_of(path), STR(".rules")))
		snprintf(file, sizeof file, "%s", path);
}

static size_t file_size(void)
{
	struct stat st;

	return stat(file, &st) == 0 && S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
}

static void flip(size_t at)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);
	uint8_t byte = 0;

	if (pread(fd, &byte, 1, (off_t)at) == 1) {
		byte ^= 1;
		(void)!pwrite(fd, &byte, 1, (off_t)at);
	}
	close(fd);
}

static void test_damage(const struct set *want)
{
	size_t n = file_size(), wrong = 0;
	static const size_t places[] = { 0, 16, 50, 80, 88, 100, 104, 200, 5000 };

	for (size_t i = 0; i < COUNT(places); i++) {
		flip(places[i]);
		wrong += !compiles(want, texts, MADE, false) || !compiles(want, texts, MADE, true);
	}
	flip(n - 1);
	wrong += !compiles(want, texts, MADE, false);
	is_int((int64_t)wrong, 0, "a bit that changed is noticed, and the file written anew");
	wrong = 0;
	for (size_t i = 0; i < 6; i++) {
		wrong += truncate(file, (off_t)(i < 5 ? n * i / 5 : n + 8)) < 0;
		wrong += !compiles(want, texts, MADE, false) || !compiles(want, texts, MADE, true);
	}
	is_int((int64_t)wrong, 0, "so is one that is too short or too long");
	is_int((int64_t)file_size(), (int64_t)n, "it is whole again");
}

/* Something else stands where the file was. */
static void test_foreign(const struct set *want)
{
	char other[400];

	snprintf(other, sizeof other, "%s/other", cached_folder);
	ok(rename(file, other) == 0 && symlink(other, file) == 0 &&
		   compiles(want, texts, MADE, false) && compiles(want, texts, MADE, true),
	   "a link is not followed");
	ok(file_size() && unlink(other) == 0, "but replaced");
	ok(unlink(file) == 0 && mkfifo(file, 0600) == 0 && compiles(want, texts, MADE, false) &&
		   compiles(want, texts, MADE, true),
	   "a FIFO is not waited for");
	ok(unlink(file) == 0 && mkdir(file, 0700) == 0 && compiles(want, texts, MADE, false) &&
		   compiles(want, texts, MADE, false) && rmdir(file) == 0 &&
		   compiles(want, texts, MADE, false),
	   "a folder stays, without a cache");
	ok(chmod(file, 0620) == 0 && compiles(want, texts, MADE, false) &&
		   compiles(want, texts, MADE, true),
	   "a file that others may write is not believed");
	ok(chmod(cached_folder, 0770) == 0 && compiles(want, texts, MADE, false) &&
		   chmod(cached_folder, 0700) == 0 && compiles(want, texts, MADE, true),
	   "nor one in such a folder");
	if (geteuid()) {
		skip("a file of somebody else", "only root can make one");
		return;
	}
	ok(chown(file, 65534, 65534) == 0 && compiles(want, texts, MADE, false) &&
		   compiles(want, texts, MADE, true),
	   "nor somebody else's");
}

static void test_secret(const struct set *want)
{
	const char *key = cached_path("key");
	struct stat st;

	ok(stat(key, &st) == 0 && st.st_size == 32 && (st.st_mode & 0777) == 0600, "a secret");
	ok(chmod(key, 0644) == 0 && compiles(want, texts, MADE, false) &&
		   compiles(want, texts, MADE, true),
	   "a secret that others could read is made anew, and nothing of the old one believed");
	key = cached_path("key");
	ok(truncate(key, 31) == 0 && compiles(want, texts, MADE, false) &&
		   compiles(want, texts, MADE, true),
	   "so is half of one");
}

static void test_change(const struct set *want)
{
	own(set_release) struct set other = {};
	struct rule_text swap = texts[0];
	unsigned wrong = 0;

	texts[0].file = STR("made/other.yml");
	ok(set_make(&other, texts, MADE) && !other.hit && !same_sets(want, &other),
	   "another name of a file is another set of rules");
	texts[0] = texts[1];
	texts[1] = swap;
	set_release(&other);
	ok(set_make(&other, texts, MADE) && !other.hit, "so is another order");
	texts[1] = texts[0];
	texts[0] = swap;
	for (size_t i = 0; i < 6; i++) {
		set_release(&other);
		wrong += !set_make(&other, texts + i + 1, MADE - 10) || other.hit;
	}
	is_int(wrong, 0, "and fewer rules");
	is_int(cached_each(NULL), RULE_CACHE_KEPT + 1, "the latest files are kept, and the secret");
	ok(compiles(want, texts, MADE, false), "one that was removed is made again");
}

/* Two that begin at the same time; the first one's file is gone when it writes. */
static void test_two(const struct set *want)
{
	struct rule_cache c[2];
	struct set s[2] = {};
	bool good = truncate(file, 0) == 0;

	for (size_t i = 0; i < 2; i++)
		rule_cache_open(&c[i], texts, MADE, STR(""));
	for (size_t i = 0; i < 2; i++) {
		s[i].said = (struct said){ BUF((size_t)64 << 20), texts };
		good = good && !rule_cache_hit(&c[i]) && c[i].out >= 0 &&
		       names_new(&s[i].names) == 0 &&
		       rules_compile_cached(&c[i], texts, MADE, s[i].names, STR(""), say,
					    &s[i].said, &s[i].rules) == 0 &&
		       same_sets(want, &s[i]);
		rule_cache_release(&c[i]);
		set_release(&s[i]);
	}
	ok(good, "two write at once");
	ok(compiles(want, texts, MADE, true), "and what they wrote is good");
}

static void test_no_place(const struct set *want)
{
	struct rule_cache c = RULE_CACHE_NONE;
	own(set_release) struct set s = {
		.said = {BUF((size_t)64 << 20), texts}
	};

	setenv("HOLDFAST_CACHE", "/proc/holdfast", 1);
	ok(compiles(want, texts, MADE, false), "nowhere to write");
	setenv("HOLDFAST_CACHE", cached_folder, 1);
	(void)unlink(file);
	rule_cache_open(&c, texts, MADE, STR(""));
	close_fd(&c.out);
	c.out = open("/dev/full", O_WRONLY | O_CLOEXEC);
	ok(names_new(&s.names) == 0 &&
		   rules_compile_cached(&c, texts, MADE, s.names, STR(""), say, &s.said,
					&s.rules) == 0 &&
		   same_sets(want, &s),
	   "no room");
	rule_cache_release(&c);
	ok(compiles(want, texts, MADE, false) && compiles(want, texts, MADE, true), "room again");
	rule_cache_open(&c, texts, 10, STR(""));
	ok(!rule_cache_hit(&c) && c.out < 0, "few rules need none");
}

int main(void)
{
	own(set_release) struct set want = {};

	if (!ok(make_texts() && cached_begin(), "rules and a folder"))
		return done();
	test_corpus();
	cached_each(cached_remove);
	setenv("HOLDFAST_CACHE", "off", 1);
	ok(set_make(&want, texts, MADE) && rules_count(want.rules) > MADE, "rules that were made");
	setenv("HOLDFAST_CACHE", cached_folder, 1);
	ok(compiles(&want, texts, MADE, false) && compiles(&want, texts, MADE, true),
	   "written and read");
	cached_each(find_file);
	if (ok(file_size(), "there is a file")) {
		test_damage(&want);
		test_foreign(&want);
		test_secret(&want);
		test_change(&want);
		test_two(&want);
		test_no_place(&want);
	}
	cached_end();
	arena_release(&arena);
	return done();
}
