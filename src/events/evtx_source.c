/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/evtx_source.h"

const struct evtx_channel evtx_channels[] = {
#define CHANNEL(product, service, channel) { channel, service, product },
#include "events/evtx_channels.def"
#undef CHANNEL
};
const size_t evtx_n_channels = COUNT(evtx_channels);

const struct evtx_category evtx_categories[] = {
#define CATEGORY(category, service, event_type, wider, ...) \
	{ category, service, { __VA_ARGS__ }, event_type, wider },
#include "events/evtx_categories.def"
#undef CATEGORY
};
const size_t evtx_n_categories = COUNT(evtx_categories);

/* SigmaHQ/sigma tests/thor.yml. */
const struct evtx_alias evtx_aliases[] = {
	{"process_creation",  "security",  "NewProcessName",    "Image"         },
	{ "process_creation", "security",  "ParentProcessName", "ParentImage"   },
	{ "antivirus",        "windefend", "Threat Name",       "Signature"     },
	{ "antivirus",        "windefend", "Path",              "Filename"      },
	{ "rdp_refused",      "rdp",       "IPString",          "IpAddress"     },
	{ "rdp_login",        "rdp",       "Param1",            "TargetUserName"},
	{ "rdp_login",        "rdp",       "Param3",            "IpAddress"     },
};
const size_t evtx_n_aliases = COUNT(evtx_aliases);

/* [EVTX_ORIGINAL_EVENT_TYPE - 1] is EventType, then the originals of the aliases. */
uint8_t evtx_original_find(struct str name)
{
	if (str_eq(name, STR("EventType")))
		return EVTX_ORIGINAL_EVENT_TYPE;
	for (size_t i = 0; i < evtx_n_aliases; i++)
		if (str_eq(name, str_of(evtx_aliases[i].original)))
			return (uint8_t)(EVTX_ORIGINAL_EVENT_TYPE + 1 + i);
	return 0;
}

struct numbers {
	uint16_t category, wider;
};

struct evtx_sources {
	uint16_t windows; /* product of channels that are not listed */
	uint16_t products[COUNT(evtx_channels)];
	uint16_t services[COUNT(evtx_channels)];
	struct numbers categories[COUNT(evtx_categories)];
	uint16_t fields[COUNT(evtx_aliases)];
};
_Static_assert(EVTX_ORIGINAL_EVENT_TYPE + COUNT(evtx_aliases) < EVTX_ORIGINALS_MAX, "originals");

static uint16_t number(const struct names *names, const char *name)
{
	return name ? names_find(names, str_of(name)) : 0;
}

int evtx_sources_new(const struct names *names, struct evtx_sources **ret)
{
	struct evtx_sources *s = calloc(1, sizeof *s);

	if (!s)
		return -ENOMEM;
	s->windows = number(names, "windows");
	for (size_t i = 0; i < evtx_n_channels; i++) {
		s->products[i] = number(names, evtx_channels[i].product);
		s->services[i] = number(names, evtx_channels[i].service);
	}
	for (size_t i = 0; i < evtx_n_categories; i++)
		s->categories[i] = (struct numbers){
			number(names, evtx_categories[i].category),
			number(names, evtx_categories[i].wider),
		};
	for (size_t i = 0; i < evtx_n_aliases; i++)
		s->fields[i] = number(names, evtx_aliases[i].field);
	*ret = s;
	return 0;
}

void evtx_sources_release(struct evtx_sources **s)
{
	free(*s);
	*s = NULL;
}

int evtx_source_channel(const struct evtx_sources *s, struct str channel)
{
	int found = -1;

	for (size_t i = 0; i < evtx_n_channels; i++)
		if (str_ieq(channel, str_of(evtx_channels[i].channel)) &&
		    (found < 0 || !s->services[found]))
			found = (int)i;
	return found;
}

static bool has_id(const struct evtx_category *c, int64_t id)
{
	for (size_t i = 0; i < COUNT(c->ids) && c->ids[i]; i++)
		if (c->ids[i] == id)
			return true;
	return false;
}

static void add_aliases(const struct evtx_sources *s, const struct evtx_category *c,
			struct evtx_source *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < evtx_n_aliases && n < COUNT(ret->aliases); i++) {
		const struct evtx_alias *a = &evtx_aliases[i];

		if (!strcmp(a->category, c->category) && !strcmp(a->service, c->service))
			ret->aliases[n++] = (struct evtx_source_alias){
				evtx_original_find(str_of(a->original)),
				s->fields[i],
			};
	}
}

struct evtx_source evtx_source_find(const struct evtx_sources *s, int channel, int64_t event_id,
				    struct str event_type)
{
	struct evtx_source ret = { .source.product = s->windows };

	if (channel < 0)
		return ret;
	ret.source.product = s->products[channel];
	ret.source.service = s->services[channel];
	for (size_t i = 0; i < evtx_n_categories; i++) {
		const struct evtx_category *c = &evtx_categories[i];

		if (strcmp(c->service, evtx_channels[channel].service) != 0 ||
		    !has_id(c, event_id) ||
		    (c->event_type && !str_starts(event_type, str_of(c->event_type))))
			continue;
		ret.source.category = s->categories[i].category;
		ret.source.wider = s->categories[i].wider;
		add_aliases(s, c, &ret);
		break;
	}
	return ret;
}
