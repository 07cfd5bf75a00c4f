/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evtx_make: writes event logs of one chunk, token by token, for tests. */
#ifndef HF_EVTX_MAKE_H
#define HF_EVTX_MAKE_H

#include "events/evtx.h"
#include "events/evtx_crc.h"
#include "events/evtx_value.h"

#define MAKE_TIME UINT64_C(131124751716816408) /* 2016-07-08T18:12:51.6816408Z */

struct make {
	uint8_t c[EVTX_CHUNK_MAX];
	uint32_t pos, record, size_at, definition;
	uint64_t id;
	bool in_definition;
};

struct make_value {
	uint8_t type;
	struct str bytes;
};

static inline void put(struct make *m, const void *p, size_t n)
{
	memcpy(m->c + m->pos, p, n);
	m->pos += (uint32_t)n;
}
static inline void put8(struct make *m, unsigned v) { put(m, &(uint8_t){ (uint8_t)v }, 1); }
static inline void put16(struct make *m, unsigned v)
{
	put(m, &(uint16_t){ htole16((uint16_t)v) }, 2);
}
static inline void put32(struct make *m, uint32_t v) { put(m, &(uint32_t){ htole32(v) }, 4); }
static inline void put64(struct make *m, uint64_t v) { put(m, &(uint64_t){ htole64(v) }, 8); }
static inline void set32(struct make *m, uint32_t at, uint32_t v)
{
	memcpy(m->c + at, &(uint32_t){ htole32(v) }, 4);
}

/* ASCII as UTF-16. */
static inline void put_wide(struct make *m, const char *s)
{
	for (; *s; s++)
		put16(m, (uint8_t)*s);
}

static inline void make_name(struct make *m, const char *s)
{
	put32(m, m->pos + 4);
	put32(m, 0);
	put16(m, 0);
	put16(m, (unsigned)strlen(s));
	put_wide(m, s);
	put16(m, 0);
}

static inline void make_fragment(struct make *m) { put(m, "\x0f\x01\x01\x00", 4); }

static inline void make_open(struct make *m, const char *name, bool attributes)
{
	put8(m, attributes ? 0x41 : 0x01);
	if (m->in_definition)
		put16(m, 0xffff);
	put32(m, 0); /* a hint */
	make_name(m, name);
	if (attributes)
		put32(m, 0);
}
static inline void make_attribute(struct make *m, const char *name)
{
	put8(m, 0x06);
	make_name(m, name);
}
static inline void make_text(struct make *m, const char *s)
{
	put8(m, 0x05);
	put8(m, EVTX_STRING);
	put16(m, (unsigned)strlen(s));
	put_wide(m, s);
}
static inline void make_slot(struct make *m, unsigned slot, uint8_t type, bool optional)
{
	put8(m, optional ? 0x0e : 0x0d);
	put16(m, slot);
	put8(m, type);
}
static inline void make_content(struct make *m) { put8(m, 0x02); }
static inline void make_empty(struct make *m) { put8(m, 0x03); }
static inline void make_end(struct make *m) { put8(m, 0x04); }
/* <name>text</name> */
static inline void make_leaf(struct make *m, const char *name, const char *text)
{
	make_open(m, name, false);
	make_content(m);
	make_text(m, text);
	make_end(m);
}
/* <name>slot</name> */
static inline void make_leaf_slot(struct make *m, const char *name, unsigned slot, uint8_t type,
				  bool optional)
{
	make_open(m, name, false);
	make_content(m);
	make_slot(m, slot, type, optional);
	make_end(m);
}

static inline void make_start(struct make *m)
{
	memset(m, 0, sizeof *m);
	m->pos = EVTX_CHUNK_HEADER;
}
static inline void make_record(struct make *m)
{
	m->record = m->pos;
	put(m, "**\0\0", 4);
	put32(m, 0);
	put64(m, ++m->id);
	put64(m, MAKE_TIME);
	make_fragment(m);
}
static inline void make_record_end(struct make *m)
{
	put8(m, 0);
	put32(m, m->pos + 4 - m->record);
	set32(m, m->record + 4, m->pos - m->record);
}

/* An instance of a template that stands here. */
static inline void make_definition(struct make *m, uint32_t id)
{
	put8(m, 0x0c);
	put8(m, 1);
	put32(m, id);
	m->definition = m->pos + 4;
	put32(m, m->definition);
	put32(m, 0);
	put32(m, id);
	put(m, "\0\1\2\3\4\5\6\7\10\11\12\13", 12);
	m->size_at = m->pos;
	put32(m, 0);
	make_fragment(m);
	m->in_definition = true;
}
static inline void make_definition_end(struct make *m)
{
	put8(m, 0);
	set32(m, m->size_at, m->pos - m->size_at - 4);
	m->in_definition = false;
}
/* … of one that stands elsewhere. */
static inline void make_instance(struct make *m, uint32_t id, uint32_t definition)
{
	put8(m, 0x0c);
	put8(m, 1);
	put32(m, id);
	put32(m, definition);
}
static inline void make_values(struct make *m, const struct make_value *v, uint32_t n)
{
	put32(m, n);
	for (uint32_t i = 0; i < n; i++) {
		put16(m, (unsigned)v[i].bytes.len);
		put16(m, v[i].type);
	}
	for (uint32_t i = 0; i < n; i++)
		put(m, v[i].bytes.ptr, v[i].bytes.len);
}

/* The header of the chunk; what is behind pos is whatever stands there. */
static inline struct evtx_chunk make_chunk(struct make *m)
{
	uint32_t end = m->pos;

	m->pos = 0;
	put(m, "ElfChnk\0", 8);
	put64(m, 1);
	put64(m, m->id);
	put64(m, 1);
	put64(m, m->id);
	put32(m, 128);
	put32(m, m->record);
	put32(m, end);
	put32(m, evtx_crc32(0, m->c + EVTX_CHUNK_HEADER, end - EVTX_CHUNK_HEADER));
	m->pos = end;
	set32(m, 124, evtx_crc32(evtx_crc32(0, m->c, 120), m->c + 128, EVTX_CHUNK_HEADER - 128));
	return (struct evtx_chunk){ m->c, EVTX_CHUNK_MAX, EVTX_FILE_HEADER, true };
}

/* The header of a file. */
static inline void make_file_header(uint8_t h[static EVTX_FILE_HEADER], bool dirty)
{
	memset(h, 0, EVTX_FILE_HEADER);
	memcpy(h, "ElfFile\0", 8);
	h[32] = 128;
	h[36] = 1;
	h[38] = 3;
	h[41] = 0x10;
	h[42] = 1;
	h[120] = dirty;
	memcpy(h + 124, &(uint32_t){ htole32(evtx_crc32(0, h, 120)) }, 4);
}

/*
 * The template of the tests: an event of Security, values 0 (EventID), 1 (time), 2 (computer) and 3
 * (binary XML behind System).
 */
static inline void make_event_definition(struct make *m, uint32_t id)
{
	make_definition(m, id);
	make_open(m, "Event", true);
	make_attribute(m, "xmlns");
	make_text(m, "urn:e");
	make_content(m);
	make_open(m, "System", false);
	make_content(m);
	make_open(m, "Provider", true);
	make_attribute(m, "Name");
	make_text(m, "Made");
	make_empty(m);
	make_leaf_slot(m, "EventID", 0, EVTX_UINT16, true);
	make_open(m, "TimeCreated", true);
	make_attribute(m, "SystemTime");
	make_slot(m, 1, EVTX_FILETIME, true);
	make_empty(m);
	make_leaf(m, "Channel", "Security");
	make_leaf_slot(m, "Computer", 2, EVTX_STRING, true);
	make_end(m);
	make_slot(m, 3, EVTX_BINXML, true);
	make_end(m);
	make_definition_end(m);
}

#endif
