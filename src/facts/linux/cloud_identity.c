/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cloud_identity: What the provider says about this virtual machine. */
#include <poll.h>
#include <time.h>

#include "base/buf.h"
#include "facts/fact.h"
#include "facts/linux/cloud_answer.h"
#include "facts/linux/dmi.h"

#define FACT_ROW cloud_identity_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, provider, "azure, aws, gcp, digitalocean, hetzner, oracle, openstack, none") \
	X(TEXT, source, "dmi or metadata") \
	X(TEXT, instance_id, "instance id") \
	X(TEXT, instance_name, "name") \
	X(TEXT, region, "region") \
	X(TEXT, subscription, "subscription, account or project") \
	X(TEXT, size, "instance type") \
	X(TEXT, error, "why the metadata service did not answer; ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "cloud_identity",
	.doc = "What the provider says about this virtual machine.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define ANSWER_MS 1000

/* All that the broker's request says, see metadata_start(). */
static int read_answer(int fd, struct buf *ret)
{
	int64_t left = ANSWER_MS;

	while (left > 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		struct timespec before, after;
		char chunk[8192];
		ssize_t n;

		clock_gettime(CLOCK_MONOTONIC, &before);
		if (poll(&p, 1, (int)left) <= 0)
			return -ETIME;
		n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n == 0)
			return ret->len ? 0 : -ENODATA;
		buf_add(ret, chunk, (size_t)MAX(n, 0));
		if (ret->error)
			return ret->error;
		clock_gettime(CLOCK_MONOTONIC, &after);
		left -= (after.tv_sec - before.tv_sec) * 1000 +
			(after.tv_nsec - before.tv_nsec) / 1000000;
	}
	return -ETIME;
}

static int take_answer(struct collect *c, struct str text, struct cloud_identity_row *row)
{
	struct str line = str_cut(&text, '\n'), provider = str_cut(&line, ' ');
	struct cloud_answer answer;
	int r;

	if (line.len) {
		row->error = arena_str(c->arena, str_sub(line, 0, 256));
		return row->error.ptr ? 0 : -ENOMEM;
	}
	r = cloud_answer_parse(provider, text, c->arena, &answer);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		row->error = STR("the answer is not what the provider documents");
		return 0;
	}
	row->source = STR("metadata");
	row->instance_id = answer.instance_id;
	row->instance_name = answer.name;
	row->region = answer.region;
	row->subscription = answer.subscription;
	row->size = answer.size;
	return 0;
}

static int ask(struct collect *c, struct cloud_identity_row *row)
{
	own(buf_release) struct buf answer = BUF((size_t)128 << 10);
	int r = c->live->metadata_error;

	/* ENOENT: a provider that has no such service. */
	if (c->live->metadata < 0 && r == -ENOENT)
		return 0;
	if (c->live->metadata >= 0)
		r = read_answer(c->live->metadata, &answer);
	if (r >= 0)
		return take_answer(c, buf_view(&answer), row);
	row->error = arena_str(c->arena, str_of(strerror(-r)));
	return row->error.ptr ? 0 : -ENOMEM;
}

static int collect(struct collect *c)
{
	struct cloud_identity_row row = { .source = STR("dmi") };
	struct dmi dmi;
	int r = dmi_read(c->sys, c->arena, &dmi);

	if (r < 0)
		return r;
	if (!dmi.present)
		return collect_not_applicable(c, "the firmware has no DMI to tell the provider by");
	row.provider = str_of(dmi_provider(&dmi));
	if (!row.provider.len)
		row.provider = STR("none");
	else
		r = ask(c, &row);
	/* The identity is known without it: this is no gap in what was looked at. */
	return r < 0 ? r : collect_row(c, &row);
}

const struct collector collector_cloud_identity = {
	.table = &table,
	.collect = collect,
	.group = GROUP_KERNEL,
	.needs_live = true,
};
