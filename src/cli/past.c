/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/past.h"

void past_release(struct past *p) { history_release(&p->history); }

bool past_options_fit(const struct past *p)
{
	if (p->no_state && p->state)
		cli_error("--no-state cannot be combined with --state");
	return !p->no_state || !p->state;
}

static int find_path(struct past *p, bool make, bool *ret_there, struct diag *d)
{
	int r = 0;

	if (p->state)
		snprintf(p->path, sizeof p->path, "%s", p->state);
	else
		r = history_path(p->path, sizeof p->path, d);
	*ret_there = make || r < 0 || access(p->path, F_OK) == 0;
	if (r >= 0 && !*ret_there && p->state) {
		*ret_there = true;
		r = diag_set(d, -errno, p->path, 0, "cannot open: %s", strerror(errno));
	}
	return r;
}

void past_open(struct past *p, bool make, const char *else_text)
{
	struct diag d = {};
	char text[600];
	bool there = false;
	int r;

	if (p->no_state)
		return;
	r = find_path(p, make, &there, &d);
	if (!there)
		return;
	if (r >= 0)
		r = history_open(p->path, &p->history, &d);
	if (r < 0) {
		cli_error("%s: %s", else_text,
			  d.reason[0] ? diag_text(&d, text, sizeof text) : strerror(-r));
		return;
	}
	snprintf(p->dir, sizeof p->dir, "%s", p->path);
	p->writable = dirname(p->dir);
}
