/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard: the parts of the verb. Exit codes; each prints what is wrong. */
#ifndef HF_CLI_GUARD_H
#define HF_CLI_GUARD_H

#include "base/buf.h"
#include "cli/cli.h"
#include "guard/config.h"

/* Asks the daemon at the socket: words of a request, sent as one line. */
int guard_client(const char *socket, bool json, int n, char **words);
bool guard_client_verb(const char *word);
/* Only asks: the answer as it came. Exit code. */
int guard_ask(const char *socket, int n, char **words, struct buf *ret);

/* What would have been banned, had the daemon read these logs. */
int guard_replay(const struct guard_config *c, const struct cli_list *paths, bool json);

#endif
