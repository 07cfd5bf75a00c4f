/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/connection.h"

/* Not a hash against attackers: who can choose names of hosts can fill the log with anything. */
uint32_t connection_host(struct str s)
{
	uint64_t first = 0, last = 0;

	if (s.len >= 8) {
		memcpy(&first, s.ptr, 8);
		memcpy(&last, s.ptr + s.len - 8, 8);
	} else {
		for (size_t i = 0; i < s.len; i++)
			first = first << 8 | (unsigned char)s.ptr[i];
	}
	return (uint32_t)((first * 0x9e3779b97f4a7c15 ^ last * 0xc2b2ae3d27d4eb4f ^ s.len) >> 32);
}

struct connection *connection_of(struct connections *c, struct str pid, struct str host,
				 int64_t time)
{
	uint32_t id;

	if (!scan_number(&pid, &id) || pid.len)
		return NULL;
	return connection_at(c, id, connection_host(host), time);
}

struct connection *connection_at(struct connections *c, uint32_t pid, uint32_t host, int64_t time)
{
	struct connection *slot = &c->list[(pid ^ host) % CONNECTIONS];
	uint32_t seconds = (uint32_t)(time / 1'000'000);

	if (slot->pid != pid || slot->host != host ||
	    (slot->time < seconds && seconds - slot->time > CONNECTION_AGE))
		*slot = (struct connection){ .pid = pid, .host = host };
	slot->time = seconds;
	return slot;
}

void connection_forget(struct connection *c)
{
	c->flags = 0;
	c->address_len = c->port_len = c->remote_len = 0;
}

void connection_note(struct connection *c, struct str address, struct str port)
{
	char *to = c->remote + address.len;
	bool digits = true;

	if (!address.len || address.len > CONNECTION_ADDRESS_MAX)
		return;
	scan_copy(c->remote, address.ptr, address.len);
	memcpy(to, " port ", sizeof " port " - 1);
	c->address_len = (uint8_t)address.len;
	c->port_len = c->remote_len = 0;
	if (port.len > CONNECTION_PORT_MAX)
		return;
	to += sizeof " port " - 1;
	for (; c->port_len < port.len && port.ptr[c->port_len]; c->port_len++) {
		to[c->port_len] = port.ptr[c->port_len];
		digits = digits && scan_is_digit(port.ptr[c->port_len]);
	}
	/* What follows an address that ends in a colon may be read in two ways. */
	if (c->port_len && digits && c->remote[address.len - 1] != ':')
		c->remote_len = (uint8_t)(to + c->port_len - c->remote);
}
