/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evtx: Windows event logs, as files, as parts of disks and of memory.
 *
 * Format: J. Metz, "Windows XML Event Log (EVTX) format" (libevtx); [MS-EVEN6] for binary XML. A log
 * is a header of 4 KiB and chunks of 64 KiB. A chunk stands on its own, so each thread has a reader and
 * takes chunks. What headers say of counts and offsets, and checksums, are hints: whatever can be read
 * is read, and what cannot is counted and named.
 *
 * Fields have Sigma's names: EventData/Data of that Name, leaves and attributes below UserData, and of
 * System: EventID, Channel, Provider_Name (and Provider), Provider_Guid, EventSourceName, Computer,
 * Level, Task, Opcode, Keywords, Version, Qualifiers, TimeCreated, EventRecordID, UserID, ProcessID,
 * ThreadID, ActivityID, RelatedActivityID. Data without a Name are one field Data, a line each. Of two
 * values of one name the first is taken, but event data goes before System.
 */
#ifndef HF_EVENTS_EVTX_H
#define HF_EVENTS_EVTX_H

#include "base/buf.h"
#include "events/decoder.h"

#define EVTX_FILE_HEADER ((size_t)4096)
#define EVTX_CHUNK_MAX ((size_t)65536)
#define EVTX_CHUNK_HEADER ((size_t)512)

struct evtx_chunk {
	const uint8_t *ptr;
	uint32_t len;    /* less than EVTX_CHUNK_MAX where it is cut off */
	uint64_t offset; /* in the file */
	bool closed;     /* of a log that says that it was closed properly */
};

/* What could not be read. record is 0 where it is not about one. */
struct evtx_skip {
	uint64_t offset, size, record;
	const char *reason;
};
typedef void evtx_skip_fn(void *user, const struct evtx_skip *skip);

/* Finds chunks. What is not commented is zero at first. */
struct evtx_scan {
	struct str bytes;
	bool carve;         /* take the input for anything: chunks may stand anywhere */
	bool part;          /* of a file: `closed` is what its header says */
	evtx_skip_fn *skip; /* of what lies between chunks; may be NULL */
	void *skip_user;
	size_t next;
	uint64_t stated;
	bool started, closed;
};
bool evtx_scan_next(struct evtx_scan *s, struct evtx_chunk *ret);
/* When the first record was written, or EVENT_TIME_UNKNOWN: chunks of a log are in no order. */
int64_t evtx_chunk_time(const struct evtx_chunk *c);
/* Whether it is an event log, or a chunk of one. */
bool evtx_recognise(struct str head);
/* First place from `at` on where a chunk begins, as far as it is there, or the end. */
size_t evtx_find_chunk(struct str bytes, size_t at);
/* Where the oldest chunk of a log is that has gone round; 0: it has not. */
uint64_t evtx_find_oldest(int fd, uint64_t size);
/* Of a file's beginning: whether it says that it was closed properly, and how long it should be, 0. */
bool evtx_is_closed(struct str head, uint64_t *ret_stated);

struct evtx_counts {
	uint64_t chunks, records;
	uint64_t header_checksums, data_checksums; /* chunks whose sums are wrong */
	uint64_t slack; /* records behind the end of a chunk, left from before; not in `records` */
	uint64_t damaged; /* of `records`: a part could not be read */
	uint64_t skipped; /* records that could not be read, and runs of bytes that are none */
	uint64_t skipped_bytes;
	uint64_t values_cut; /* values beyond the limits of an event */
};

struct evtx_options {
	const struct names *names; /* fields that are asked for; must outlive the reader */
	uint32_t file;             /* event.file */
	bool lazy;      /* values may be VALUE_RAW: whoever takes the events calls event_text() */
	bool slack;     /* emit records of slack, too */
	bool checksums; /* compute them: they also tell what is slack */
	evtx_skip_fn *skip; /* may be NULL */
	void *skip_user;
};

/* One a thread. */
struct evtx_reader;
[[nodiscard]] int evtx_reader_new(const struct evtx_options *o, struct evtx_reader **ret);
void evtx_reader_release(struct evtx_reader **r);
/* event.file from now on. */
void evtx_reader_file(struct evtx_reader *r, uint32_t file);
/* 0, what emit returned, -ENOMEM. */
[[nodiscard]] int evtx_read_chunk(struct evtx_reader *r, const struct evtx_chunk *c, event_fn *emit,
				  void *user);
const struct evtx_counts *evtx_reader_counts(const struct evtx_reader *r);
void evtx_counts_add(struct evtx_counts *sum, const struct evtx_counts *c);

enum evtx_format { EVTX_FORMAT_XML, EVTX_FORMAT_JSON };
/*
 * The event that is being emitted, whole, on one line: as Windows shows it, or as JSON in the form
 * of SigmaHQ's regression data ("#attributes", "#text", Data by Name). -EBADMSG: not readable to
 * its end; what was is in *out. -EFBIG past the limit of *out or of the chunk. -EINVAL: not of this
 * reader's chunk.
 */
[[nodiscard]] int evtx_render(struct evtx_reader *r, const struct event *e, enum evtx_format f,
			      struct buf *out);

#endif
