/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>

#include "facts/linux/cloud_answer.h"

#define VALUE_MAX ((size_t)1024)

static void json_release(json_t **j) { json_decref(*j); }

/* Member `key` as text; numbers, too. '' if there is none or it is longer than any name. */
static int member(struct arena *a, const json_t *object, const char *key, struct str *ret)
{
	const json_t *v = key ? json_object_get(object, key) : NULL;

	*ret = STR("");
	if (json_is_string(v) && json_string_length(v) <= VALUE_MAX)
		*ret = arena_str(a, (struct str){ json_string_value(v), json_string_length(v) });
	else if (json_is_integer(v))
		*ret = arena_fmt(a, "%lld", (long long)json_integer_value(v));
	return ret->ptr ? 0 : -ENOMEM;
}

static const struct document {
	struct str provider;
	const char *within; /* member that holds the others, or NULL */
	const char *instance_id, *name, *region, *subscription, *size;
} documents[] = {
	{STR("azure"),      "compute", "vmId",       "name", "location",          "subscriptionId", "vmSize"      },
	{ STR("aws"),       NULL,      "instanceId", NULL,   "region",            "accountId",      "instanceType"},
	{ STR("openstack"), NULL,      "uuid",       "name", "availability_zone", "project_id",     NULL          },
};

static int parse_document(const struct document *d, struct str body, struct arena *a,
			  struct cloud_answer *ret)
{
	own(json_release) json_t *root =
		json_loadb(body.ptr ? body.ptr : "", body.len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *object = d->within ? json_object_get(root, d->within) : root;
	struct cloud_answer answer;

	if (!json_is_object(object))
		return -EBADMSG;
	if (member(a, object, d->instance_id, &answer.instance_id) < 0 ||
	    member(a, object, d->name, &answer.name) < 0 ||
	    member(a, object, d->region, &answer.region) < 0 ||
	    member(a, object, d->subscription, &answer.subscription) < 0 ||
	    member(a, object, d->size, &answer.size) < 0)
		return -ENOMEM;
	*ret = answer;
	return 0;
}

/* "projects/12/zones/europe-west1-b" */
static struct str last_part(struct str s) { return str_basename(s); }

/* "europe-west1-b" is a zone of the region "europe-west1". */
static struct str region_of(struct str zone)
{
	ssize_t dash = str_rfind(zone, '-');

	return dash > 0 && (size_t)dash + 2 == zone.len ? str_sub(zone, 0, (size_t)dash) : zone;
}

static int parse_lines(struct str body, struct arena *a, struct cloud_answer *ret)
{
	struct cloud_answer answer = { STR(""), STR(""), STR(""), STR(""), STR("") };
	struct str line;

	while (str_line(&body, &line, NULL)) {
		struct str key = str_cut(&line, ':');
		struct str value = arena_str(a, str_sub(str_trim(line), 0, VALUE_MAX));

		if (!value.ptr)
			return -ENOMEM;
		if (str_eq(key, STR("instance-id")))
			answer.instance_id = value;
		else if (str_eq(key, STR("name")))
			answer.name = value;
		else if (str_eq(key, STR("region")))
			answer.region = value;
		else if (str_eq(key, STR("zone")))
			answer.region = region_of(last_part(value));
		else if (str_eq(key, STR("type")))
			answer.size = last_part(value);
		else if (str_eq(key, STR("project")))
			answer.subscription = value;
	}
	if (!answer.instance_id.len)
		return -EBADMSG;
	*ret = answer;
	return 0;
}

int cloud_answer_parse(struct str provider, struct str body, struct arena *a,
		       struct cloud_answer *ret)
{
	static const struct str plain[] = { STR("gcp"), STR("digitalocean"), STR("hetzner"),
					    STR("oracle") };

	for (size_t i = 0; i < COUNT(documents); i++)
		if (str_eq(provider, documents[i].provider))
			return parse_document(&documents[i], body, a, ret);
	for (size_t i = 0; i < COUNT(plain); i++)
		if (str_eq(provider, plain[i]))
			return parse_lines(body, a, ret);
	return -ENOENT;
}
