/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure: the files of --azure, and what the collectors of their tables share. */
#ifndef HF_FACTS_AZURE_AZURE_H
#define HF_FACTS_AZURE_AZURE_H

#include "facts/azure/az.h"
#include "facts/fact.h"

/* Opened by the broker, read by the process that parses. */
struct azure_input {
	struct str name;
	int fd;
	size_t size;
};
struct azure_inputs {
	struct azure_input *list;
	size_t n, cap;
	size_t bytes;     /* of all together */
	struct str label; /* the paths as they were named, for people */
	struct arena arena;
};
#define AZURE_FILES_MAX 100'000u

/*
 * Files, and the *.json of folders (not of those below them), sorted by name. What cannot be opened
 * is an error: *d names it.
 */
[[nodiscard]] int azure_inputs_open(const char *const *paths, size_t n, struct azure_inputs *ret,
				    struct diag *d);
void azure_inputs_release(struct azure_inputs *x);
/* Address space that a process needs to read them. */
size_t azure_memory(const struct azure_inputs *x);

struct azure_problem {
	struct str file, reason;
	unsigned line;
};
struct azure_facts {
	const struct azure_inputs *inputs;
	struct arena arena;
	bool loaded;
	int error;
	struct diag d;
	struct az_model model;
	struct azure_problem *problems;
	size_t n_problems, cap_problems;
};
void azure_facts_release(struct azure_facts *x);

/*
 * For collectors: reads the files when it is first asked. 1: *ret is what they say; 0: there are
 * none, and the table is not applicable; an error fails the table with the reason.
 */
[[nodiscard]] int azure_model(struct collect *c, const struct az_model **ret);
/*
 * The same for a table of a list of the model, azure_rows(c, AZURE_LIST(vms), …): fn adds what is to
 * be said of its n-th. What fn allocates is forgotten behind it.
 */
#define AZURE_LIST(name) offsetof(struct az_model, n_##name)
typedef int azure_row_fn(struct collect *c, const struct az_model *m, uint32_t n, void *user);
[[nodiscard]] int azure_rows(struct collect *c, size_t list, azure_row_fn *fn, void *user);

/* Texts of columns. */
struct str azure_list(struct collect *c, const struct az_texts *t);
/* What the IP configurations of a NIC say. */
enum azure_nic_texts { AZURE_NIC_SUBNETS, AZURE_NIC_PRIVATE, AZURE_NIC_PUBLIC };
struct az_texts azure_nic_texts(struct collect *c, const struct az_model *m,
				const struct az_nic *nic, enum azure_nic_texts what);
/* The names of what is referred to. */
struct az_texts azure_names(struct collect *c, const struct az_refs *refs);
/* The name of what an id names, "" for none. */
struct str azure_short(struct str id);
/* 1, 0, or FACT_UNKNOWN. */
int64_t azure_flag(enum az_tri t);
struct str azure_file(const struct az_model *m, uint32_t file);
/* The columns that most tables have of an item. */
#define AZURE_ITEM(m, i)                                                                \
	.id = (i)->id, .name = (i)->name, .resource_group = (i)->group,                 \
	.subscription = (i)->subscription, .described = (i)->seen, .maybe = (i)->maybe, \
	.file = azure_file((m), (i)->file), .line = (i)->line

#endif
