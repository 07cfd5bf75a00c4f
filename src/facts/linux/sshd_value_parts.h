/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_value_parts: shared between the files of sshd_value. */
#ifndef HF_FACTS_LINUX_SSHD_VALUE_PARTS_H
#define HF_FACTS_LINUX_SSHD_VALUE_PARTS_H

#include "facts/linux/sshd_value.h"

/* All return -EINVAL after setting v->why. */
int sshd_refuse(struct sshd_value *v, const char *fmt, ...) PRINTF(2, 3);
int sshd_refuse_word(struct sshd_value *v, const char *what, struct str s);
int sshd_missing(struct sshd_value *v);

struct str sshd_next(struct sshd_value *v); /* ptr == NULL at the end */
[[nodiscard]] int sshd_emit(struct sshd_value *v, struct str s);
[[nodiscard]] int sshd_emit_number(struct sshd_value *v, int64_t n);
/* strtonum(3) from 0 to max. */
[[nodiscard]] int sshd_number(struct str s, int64_t max, int64_t *ret);
struct str sshd_tilde(struct sshd_value *v, struct str s);
/* Cuts "host:port", "[address]:port", "host/port"; *s keeps the port, ptr == NULL without one. */
bool sshd_cut_host(struct str *s, struct str *ret);

/* sshd_lists.c */
[[nodiscard]] int sshd_value_patterns(struct sshd_value *v);
[[nodiscard]] int sshd_value_environment(struct sshd_value *v);
[[nodiscard]] int sshd_value_files(struct sshd_value *v);
[[nodiscard]] int sshd_value_methods(struct sshd_value *v);
[[nodiscard]] int sshd_value_permit(struct sshd_value *v);
[[nodiscard]] int sshd_value_channels(struct sshd_value *v);
[[nodiscard]] int sshd_value_subsystem(struct sshd_value *v);
[[nodiscard]] int sshd_value_pubkey_options(struct sshd_value *v);
[[nodiscard]] int sshd_value_addresses(struct sshd_value *v);
/* sshd_numbers.c */
[[nodiscard]] int sshd_value_startups(struct sshd_value *v);
[[nodiscard]] int sshd_value_persource(struct sshd_value *v);
[[nodiscard]] int sshd_value_netblock(struct sshd_value *v);
[[nodiscard]] int sshd_value_penalties(struct sshd_value *v);
[[nodiscard]] int sshd_value_ipqos(struct sshd_value *v);
[[nodiscard]] int sshd_value_rekey(struct sshd_value *v);
[[nodiscard]] int sshd_value_userenv(struct sshd_value *v);
[[nodiscard]] int sshd_value_facility(struct sshd_value *v);
[[nodiscard]] int sshd_value_level(struct sshd_value *v);

#endif
