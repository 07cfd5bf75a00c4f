/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/apt_policy.h"

#include <regex.h>

#include "vuln/version.h"

#define PATTERN_MAX 256

/* What a pin is compared with: an index, or what is installed ("now"). */
struct place {
	struct str archive, codename, origin, label, version, component, arch, site;
	bool local; /* no site, and not the list of what is installed */
};

static struct place place_of(const struct apt_index *x)
{
	return (struct place){
		.archive = x->release.archive,
		.codename = x->release.codename,
		.origin = x->release.origin,
		.label = x->release.label,
		.version = x->release.version,
		.component = x->component,
		.arch = x->arch,
		.site = x->site,
		.local = !x->site.len,
	};
}

static size_t lower(struct str s, char ret[static PATTERN_MAX])
{
	size_t n = MIN(s.len, (size_t)PATTERN_MAX - 1);

	for (size_t i = 0; i < n; i++)
		ret[i] = version_lower(s.ptr[i]);
	ret[n] = '\0';
	return n;
}

/* Repetitions by number and references back cost more time or memory than anybody may take. */
static bool regex_matches(struct str pattern, const char *text)
{
	char expression[PATTERN_MAX];
	regex_t re;
	bool hit;

	if (pattern.len >= sizeof expression || str_find(pattern, '{') >= 0 ||
	    str_find(pattern, '\\') >= 0)
		return false;
	memcpy(expression, pattern.ptr, pattern.len);
	expression[pattern.len] = '\0';
	if (regcomp(&re, expression, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
		return false;
	hit = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return hit;
}

/* ExpressionMatches() of apt-pkg/versionmatch.cc. */
static bool matches(struct str pattern, struct str text)
{
	char a[PATTERN_MAX], b[PATTERN_MAX];
	size_t n;

	if (pattern.len >= PATTERN_MAX || text.len >= PATTERN_MAX)
		return false;
	n = lower(text, b);
	if (pattern.len >= 2 && pattern.ptr[0] == '/' && pattern.ptr[pattern.len - 1] == '/')
		return regex_matches(str_sub(pattern, 1, pattern.len - 1), b);
	return str_glob((struct str){ a, lower(pattern, a) }, (struct str){ b, n });
}

static bool is_pattern(struct str name)
{
	if (name.len >= 2 && name.ptr[0] == '/' && name.ptr[name.len - 1] == '/')
		return true;
	for (size_t i = 0; i < name.len; i++)
		if (strchr("*[?", name.ptr[i]))
			return true;
	return false;
}

/* "1.2*" is a beginning, beside being a pattern. */
static bool version_matches(struct str pattern, struct str version)
{
	if (pattern.len && pattern.ptr[pattern.len - 1] == '*' &&
	    str_istarts(version, str_sub(pattern, 0, pattern.len - 1)))
		return true;
	return str_ieq(pattern, version) || matches(pattern, version);
}

static bool fragment_matches(struct str fragment, const struct place *p)
{
	const struct {
		char key;
		struct str value;
	} fields[] = {
		{'a',  p->archive  },
                { 'n', p->codename },
                { 'o', p->origin   },
		{ 'l', p->label    },
                { 'c', p->component},
                { 'b', p->arch     },
	};
	struct str value = str_sub(fragment, 2, fragment.len);

	if (fragment.len < 3 || fragment.ptr[1] != '=')
		return true;
	if (version_lower(fragment.ptr[0]) == 'v')
		return version_matches(value, p->version);
	for (size_t i = 0; i < COUNT(fields); i++)
		if (version_lower(fragment.ptr[0]) == fields[i].key)
			return matches(value, fields[i].value);
	return true;
}

static bool release_matches(struct str data, const struct place *p)
{
	bool any = false;

	if (str_eq(data, STR("*")))
		return true;
	if (!data.len)
		return false;
	if (str_find(data, '=') < 0) {
		if (version_is_digit(data.ptr[0]))
			return version_matches(data, p->version);
		return matches(data, p->archive) || matches(data, p->codename);
	}
	while (data.len) {
		struct str fragment = str_trim(str_cut(&data, ','));

		if (!fragment_matches(fragment, p))
			return false;
		any |= fragment.len >= 3 && fragment.ptr[1] == '=';
	}
	return any;
}

static bool place_matches(const struct apt_pin *pin, const struct place *p)
{
	struct str site = str_unquote(pin->data);

	if (pin->kind == APT_PIN_RELEASE)
		return release_matches(pin->data, p);
	if (pin->kind != APT_PIN_ORIGIN)
		return false;
	return site.len ? p->site.len && matches(site, p->site) : p->local;
}

static bool names(const struct apt_pin *pin, const struct apt_package *pkg, struct str source,
		  struct str native)
{
	struct str name = pin->package;
	bool of_source = str_starts(name, STR("src:"));
	ssize_t colon;

	if (of_source)
		name = str_sub(name, 4, name.len);
	colon = str_rfind(name, ':');
	if (colon >= 0) {
		struct str arch = str_sub(name, (size_t)colon + 1, name.len);

		if (!str_eq(arch, pkg->arch) && !str_eq(arch, STR("any")))
			return false;
		name = str_sub(name, 0, (size_t)colon);
	} else if (!str_eq(pkg->arch, native)) {
		return false;
	}
	if (!of_source)
		source = pkg->name;
	return is_pattern(name) ? matches(name, source) : str_eq(name, source);
}

/* Offers of one version stand together. */
struct group {
	const struct apt_offer *offers;
	size_t n;
	bool installed;
};

static bool group_matches(const struct apt_policy *p, const struct apt_pin *pin,
			  const struct apt_package *pkg, const struct group *g)
{
	static const struct place now = { .archive = STR("now") };
	struct str version = g->n ? g->offers[0].version : pkg->installed;

	if (pin->kind == APT_PIN_VERSION)
		return version_matches(pin->data, version);
	if (g->installed && place_matches(pin, &now))
		return true;
	for (size_t i = 0; i < g->n; i++) {
		struct place place = place_of(&p->indexes->list[g->offers[i].index]);

		if (place_matches(pin, &place))
			return true;
	}
	return false;
}

static int priority_of(const struct apt_policy *p, const struct apt_package *pkg,
		       const struct group *g)
{
	struct str source = g->n ? g->offers[0].source : STR("");
	int best = g->installed ? 100 : APT_NEVER;

	for (size_t i = 0; i < g->n; i++)
		best = MAX(best, p->priority[g->offers[i].index]);
	for (size_t i = 0; i < p->n; i++) {
		const struct apt_pin *pin = &p->pins[i];

		if (!pin->package.len || !names(pin, pkg, source, p->indexes->native) ||
		    !group_matches(p, pin, pkg, g))
			continue;
		/* Where every source is pinned to never, that wins. */
		return pin->priority == APT_NEVER || best != APT_NEVER ? pin->priority : best;
	}
	return best;
}

/* pkgPolicy::GetCandidateVer(): the highest priority, among equals the newest. */
const struct apt_offer *apt_candidate(const struct apt_policy *p, const struct apt_package *pkg)
{
	const struct apt_offer *candidate = NULL;
	int best = -1;
	bool seen = false;

	for (size_t i = 0; i <= pkg->n;) {
		struct group g = { .offers = &pkg->offers[i] };
		int order = i < pkg->n ? version_deb(pkg->offers[i].version, pkg->installed) : -1;
		int priority;

		if (order < 0 && !seen) {
			/* No index has what is installed. */
			g.installed = seen = true;
		} else if (i == pkg->n) {
			break;
		} else {
			while (i + g.n < pkg->n &&
			       version_deb(pkg->offers[i + g.n].version, g.offers[0].version) == 0)
				g.n++;
			g.installed = order == 0;
			seen |= g.installed;
			i += g.n;
		}
		priority = priority_of(p, pkg, &g);
		if (priority == 0 || priority <= best ||
		    (!g.installed && order < 0 && priority < 1000))
			continue;
		best = priority;
		candidate = g.installed ? NULL : g.offers;
	}
	return candidate;
}

struct pin_loader {
	struct collect *c;
	struct apt_policy *p;
	const char *file;
};

static int add_pin(const struct apt_pin *pin, void *user)
{
	const struct pin_loader *l = user;
	struct apt_pin copy = *pin;

	if (l->p->n >= APT_PINS_MAX)
		return -E2BIG;
	copy.file = str_of(l->file);
	return arena_push(l->c->arena, l->p->pins, l->p->n, l->p->cap, copy);
}

static int read_pins(struct collect *c, struct apt_policy *p, const char *path)
{
	struct pin_loader l = { c, p, path };
	struct str text;
	unsigned line = 0;
	int r = collect_read(c, path, &text, NULL);

	if (r == 1)
		r = apt_pins_parse(text, add_pin, &l, &line);
	if (r == -EBADMSG)
		collect_problem(c, r, path, "line %u is wrong; APT refuses to work with it", line);
	else if (r == -E2BIG)
		collect_problem(c, r, path, "too many pins");
	return r == -ENOMEM ? r : 0;
}

static int read_all_pins(struct collect *c, struct apt_policy *p)
{
	static const char *const suffixes[] = { "", ".pref" };
	struct dir_list parts;
	int r = collect_list(c, "/etc/apt/preferences.d", &parts);

	for (size_t i = 0; r == 1 && i < parts.n; i++) {
		struct str name = str_of(parts.entries[i].name), path;
		int e;

		if (!apt_reads(name, suffixes, COUNT(suffixes)))
			continue;
		path = arena_cat(c->arena, STR("/etc/apt/preferences.d/"), name, STR(""));
		e = path.ptr ? read_pins(c, p, path.ptr) : -ENOMEM;
		if (e < 0)
			return e;
	}
	return r < 0 ? r : read_pins(c, p, "/etc/apt/preferences");
}

/* pkgPolicy::InitDefaults(): the first pin of all packages that fits. */
static int index_priority(const struct apt_policy *p, const struct apt_index *x)
{
	struct place place = place_of(x);

	for (size_t i = 0; i < p->n; i++)
		if (!p->pins[i].package.len && place_matches(&p->pins[i], &place))
			return p->pins[i].priority;
	if (x->release.but_automatic_upgrades)
		return 100;
	return x->release.not_automatic ? 1 : 500;
}

static int set_phasing(struct collect *c, const struct apt_conf *conf, struct apt_policy *p)
{
	const struct apt_setting *id = apt_conf_get(conf, "APT::Machine-ID");
	struct str text = STR("");
	int r = 0;

	if (apt_conf_bool(conf, "APT::Get::Always-Include-Phased-Updates", false) ||
	    apt_conf_bool(conf, "Update-Manager::Always-Include-Phased-Updates", false))
		p->phased = 1;
	else if (apt_conf_bool(conf, "APT::Get::Never-Include-Phased-Updates", false) ||
		 apt_conf_bool(conf, "Update-Manager::Never-Include-Phased-Updates", false))
		p->phased = -1;
	if (!id)
		r = collect_read(c, "/etc/machine-id", &text, NULL);
	p->machine = id ? id->value : r == 1 ? str_word(&text) : STR("");
	return MIN(r, 0);
}

int apt_policy_load(struct collect *c, const struct apt_conf *conf,
		    const struct apt_indexes *indexes, struct apt_policy *ret)
{
	const struct apt_setting *release = apt_conf_get(conf, "APT::Default-Release");
	struct apt_policy p = { .indexes = indexes };
	int r = 0;

	if (release && release->value.len)
		r = arena_push(c->arena, p.pins, p.n, p.cap,
			       ((struct apt_pin){ .kind = APT_PIN_RELEASE,
						  .data = release->value,
						  .priority = 990,
						  .file = release->file,
						  .line = release->line }));
	if (r >= 0)
		r = read_all_pins(c, &p);
	if (r >= 0)
		r = set_phasing(c, conf, &p);
	p.priority = arena_array(c->arena, indexes->n + 1, sizeof *p.priority);
	if (r < 0 || !p.priority)
		return r < 0 ? r : -ENOMEM;
	for (size_t i = 0; i < indexes->n; i++)
		p.priority[i] = index_priority(&p, &indexes->list[i]);
	*ret = p;
	return 0;
}
