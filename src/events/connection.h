/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * connection: what earlier lines of the same process said, so that one failed attempt is counted
 * once and lines that name no address get the one of their connection. A small table; what is
 * pushed out or too old is forgotten.
 */
#ifndef HF_EVENTS_CONNECTION_H
#define HF_EVENTS_CONNECTION_H

#include "events/scan.h"

enum connection_flag {
	CONNECTION_NAMED =
		1 << 0, /* "Invalid user" and its like counted what "Failed" will say again */
	CONNECTION_PAM = 1 << 1,     /* "error: PAM" counted it */
	CONNECTION_COUNTED = 1 << 2, /* something was counted */
	CONNECTION_PENDING = 1 << 3, /* a failure is to be counted once the address is known */
	CONNECTION_PROBED = 1 << 4,  /* reported as one that never tried to log in */
	CONNECTION_OPENED = 1 << 5,  /* logged in */
	CONNECTION_BROKEN = 1 << 6,  /* said something else than SSH, or hung up, at the start */
	CONNECTION_KEYS = 1 << 7,    /* offered keys */
};

struct connection {
	uint32_t pid, host; /* host: hash of its name */
	uint32_t time;      /* seconds, of the latest line */
	uint8_t flags, address_len, port_len;
	uint8_t remote_len; /* of "ADDRESS port N"; 0: one of them is not known, or odd */
	char remote[56];    /* the address, " port " and the port */
};
#define CONNECTION_ADDRESS_MAX 44U
#define CONNECTION_PORT_MAX 5U

#define CONNECTIONS 512U
#define CONNECTION_AGE 86400U /* of a pid that was not used again */
struct connections {
	struct connection list[CONNECTIONS];
};

/*
 * The connection of a process, emptied where another one had the place. NULL: the line has no
 * pid.
 */
struct connection *connection_of(struct connections *c, struct str pid, struct str host,
				 int64_t time);
/* The same of a number and connection_host(). */
struct connection *connection_at(struct connections *c, uint32_t pid, uint32_t host, int64_t time);
uint32_t connection_host(struct str name);
void connection_forget(struct connection *c);

static inline struct str connection_address(const struct connection *c)
{
	return (struct str){ c->remote, c->address_len };
}

static inline struct str connection_port(const struct connection *c)
{
	return (struct str){ c->remote + c->address_len + sizeof " port " - 1, c->port_len };
}

void connection_note(struct connection *c, struct str address, struct str port);

/* The same of "ADDRESS port N" as it stands in a line: an address of IPv4 and up to 5 digits. */
static inline void connection_note_plain(struct connection *c, struct str remote, size_t port_len)
{
	scan_copy(c->remote, remote.ptr, remote.len);
	c->port_len = (uint8_t)port_len;
	c->remote_len = (uint8_t)remote.len;
	c->address_len = (uint8_t)(remote.len - port_len - (sizeof " port " - 1));
}

#endif
