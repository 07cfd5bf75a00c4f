/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the decoder has counted, for guard status. */
#include "guard/decode_work.h"
#include "guard/text.h"

static void put_source(struct buf *b, const struct live_status *s, bool first)
{
	static const char *const kinds[] = { "file", "journal", "audit", "datagram", "stream" };

	buf_puts(b, first ? "" : ",");
	buf_puts(b, "{\"name\":");
	text_json(b, str_of(s->name ? s->name : ""));
	buf_fmt(b, ",\"kind\":\"%s\",\"format\":", kinds[MIN((size_t)s->kind, COUNT(kinds) - 1)]);
	text_json(b, str_of(s->decoder ? s->decoder->name : ""));
	buf_fmt(b, ",\"open\":%s,\"polled\":%s,\"problem\":", s->open ? "true" : "false",
		s->polled ? "true" : "false");
	text_json(b, str_of(s->problem ? s->problem : ""));
#define NUMBER(field) buf_fmt(b, ",\"" #field "\":%llu", (unsigned long long)s->field)
	NUMBER(lines);
	NUMBER(events);
	NUMBER(skipped);
	NUMBER(copies);
	NUMBER(late);
	NUMBER(cut);
	NUMBER(dropped);
	NUMBER(rotations);
	NUMBER(truncations);
	NUMBER(gaps);
	NUMBER(behind);
#undef NUMBER
	buf_putc(b, '}');
}

static void put_sensor(struct buf *b, const struct sensors *sensors, enum sensor_id id)
{
	struct sensor_state s;

	sensors_state(sensors, id, &s);
	buf_fmt(b,
		"%s{\"name\":\"%s\",\"running\":%s,\"events\":%llu,\"lost\":%llu,\"bad\":%llu,"
		"\"reason\":",
		id ? "," : "", s.name, s.running ? "true" : "false", (unsigned long long)s.events,
		(unsigned long long)s.lost, (unsigned long long)s.bad);
	text_json(b, str_of(s.reason ? s.reason : ""));
	buf_putc(b, '}');
}

int decoder_counts(struct decoder_child *x)
{
	struct buf b = BUF(MESSAGE_BODY - 64);
	struct hunt_stats stats;
	size_t n = live_count(x->live);
	int r;

	hunt_stats(x->o->policy->hunt, &stats);
	buf_fmt(&b,
		"{\"events\":%llu,\"matched\":%llu,\"groups\":%llu,\"evicted\":%llu,"
		"\"memory\":%zu,\"recalled\":%llu,\"alerts\":%llu,\"ban_requests\":%llu,"
		"\"sources\":[",
		(unsigned long long)stats.events, (unsigned long long)stats.matched,
		(unsigned long long)stats.correlations.groups,
		(unsigned long long)stats.correlations.evicted, stats.correlations.bytes,
		(unsigned long long)x->recalled, (unsigned long long)x->alerts,
		(unsigned long long)x->bans);
	for (size_t i = 0; i < n && b.len < b.limit - 4'096; i++) {
		struct live_status s;

		live_status(x->live, (uint32_t)i, &s);
		put_source(&b, &s, !i);
	}
	buf_puts(&b, "],\"sensors\":[");
	for (unsigned i = 0; x->o->sensors && i < SENSOR_N; i++)
		put_sensor(&b, x->o->sensors, (enum sensor_id)i);
	buf_puts(&b, "]}");
	message_begin(&x->out, MESSAGE_COUNTS);
	message_put_str(&x->out, buf_view(&b));
	r = b.error ? 0 : decoder_tell(x);
	buf_release(&b);
	x->counted = monotonic_now_ms();
	x->stale = false;
	return r;
}
