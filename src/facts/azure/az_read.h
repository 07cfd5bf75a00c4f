/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * az_read: values of Azure's JSON, whatever the dialect. Every resource is read by the same code:
 * with `properties` (REST, ARM, Resource Graph) or without (az, PowerShell), in any case, with
 * texts where others have lists. Templates and plans are computed first, into documents of the same
 * shape that hold J_UNKNOWN where a value is not known.
 */
#ifndef HF_FACTS_AZURE_AZ_READ_H
#define HF_FACTS_AZURE_AZ_READ_H

#include "base/json.h"
#include "base/map.h"
#include "facts/azure/az.h"

/* Kinds that are found by id, all with an az_item first. */
enum az_kind {
	AZ_KIND_NSG,
	AZ_KIND_VNET,
	AZ_KIND_SUBNET,
	AZ_KIND_NIC,
	AZ_KIND_PUBLIC_IP,
	AZ_KIND_VM,
	AZ_KIND_VMSS,
	AZ_KIND_LB,
	AZ_KIND_JIT,
	AZ_KIND_BACKUP_ITEM,
	AZ_KIND_VAULT,
	AZ_KIND_ADMIN_RULE,
	AZ_KIND_EXTENSION,
	AZ_KIND_DISK,
	AZ_KIND_PATCH,
	AZ_KINDS,
};

/* A value that is there but cannot be told: a name that an object has twice, unknown properties. */
#define AZ_UNTOLD UINT32_MAX

/*
 * Fields of a resource, those of its `properties` first. The names of a record are one list:
 *     #define X_FIELDS(X, p) X(id, p) X(name, p) …
 *     AZ_FIELDS(X_FIELDS, x) makes the constants x_id, x_name, …, x_n and the texts x_names.
 */
#define AZ_FIELD_ENUM_(name, prefix) prefix##_##name,
#define AZ_FIELD_NAME_(name, prefix) STR(#name),
#define AZ_FIELDS(list, prefix)                                                   \
	enum { list(AZ_FIELD_ENUM_, prefix) prefix##_properties, prefix##_n };    \
	static const struct str prefix##_names[] = { list(AZ_FIELD_NAME_, prefix) \
							     STR("properties") };
/* What az_fields() remembers from one resource to the next: the resource, and its properties. */
struct az_fields {
	struct jfields outer, inner;
};
/* clang-format off */
#define AZ_FIELDS_OF(prefix)                                       \
	((struct az_fields){                                       \
		.outer = { .names = prefix##_names, .n = prefix##_n }, \
		.inner = { .names = prefix##_names, .n = prefix##_n } })
/* clang-format on */
struct az_reader {
	struct az_model *m;
	struct arena *a;
	const struct az_problems *problems;
	struct map by_id[AZ_KINDS]; /* lower-cased id -> index; keys in the arena */
	unsigned n_problems;
	int error; /* the first; everything goes on harmlessly until somebody looks */
	const struct az_file *files; /* all of them, as many as the model has */
	/* the file that is read */
	struct jdoc *doc;
	uint32_t file;
	bool planned; /* a template or plan: what it does not mention is not there */
	bool maybe;   /* of the resource that is read */
	bool many;    /* it may be there several times under other names */
	struct az_fields rule_fields;
};

/* Reads a document: a resource, a list of them, or an answer around a list. */
void az_read_document(struct az_reader *r);

/* Says that something is wrong, for the user; v: where, 0 or AZ_UNTOLD: in the file. */
void az_problem(struct az_reader *r, uint32_t v, const char *fmt, ...) PRINTF(3, 4);
void az_problem_at(struct az_reader *r, uint32_t file, unsigned line, const char *fmt, ...)
	PRINTF(4, 5);
uint32_t az_line(struct az_reader *r, uint32_t v);

void az_fields(struct az_reader *r, uint32_t v, struct az_fields *f, uint32_t *ret);
/* One member, in `properties` or not; 0: none. */
uint32_t az_member(struct az_reader *r, uint32_t v, struct str name);
/* The same along a path: "osProfile.linuxConfiguration". */
uint32_t az_path(struct az_reader *r, uint32_t v, const char *path);

/* J_NULL for 0 (there is none), J_UNKNOWN for AZ_UNTOLD. */
enum jtype az_type(const struct az_reader *r, uint32_t v);
static inline bool az_given(const struct az_reader *r, uint32_t v)
{
	return az_type(r, v) != J_NULL;
}
/*
 * A text; numbers as written; of what is unknown the text that could not be evaluated, which is as
 * good as a name: like texts stand for like values. "" for everything else.
 */
struct str az_text(struct az_reader *r, uint32_t v);
/* The same for what means something: unknown is "" and returns true; what is absent keeps *ret. */
bool az_take_text(struct az_reader *r, uint32_t v, struct str *ret);
enum az_tri az_tri(struct az_reader *r, uint32_t v);
/* Number or digits within first..last; -1: none; -2: unknown or wrong, which is a problem. */
int64_t az_number(struct az_reader *r, uint32_t v, int64_t first, int64_t last);
/* A text or a list of texts, added to *ret. */
void az_add_texts(struct az_reader *r, uint32_t v, struct az_texts *ret);
/* The ids of a list of { id }, or of ids, added to *ret. */
void az_add_ids(struct az_reader *r, uint32_t v, struct az_texts *ret);
/* { name } or a name. */
enum az_sku az_sku(struct az_reader *r, uint32_t v);
/* { id } or an id. Links are made later: see az_link(). */
struct az_ref az_ref(struct az_reader *r, uint32_t v);
void az_add_refs(struct az_reader *r, uint32_t v, struct az_refs *ret);

/* Appends to a list of the arena; errors are kept in the reader. */
void az_push_text(struct az_reader *r, struct az_texts *to, struct str s);
void az_push_ref(struct az_reader *r, struct az_refs *to, struct az_ref ref);
/* Texts of the arena; "" where there is no memory, which the reader keeps as its error. */
struct str az_fmt(struct az_reader *r, const char *fmt, ...) PRINTF(2, 3);
struct str az_cat(struct az_reader *r, struct str x, struct str y, struct str z);
/* Zeroed elements for a list of known length; NULL where there is no memory. */
void *az_array(struct az_reader *r, size_t n, size_t size);

/*
 * The slash before offset `before` of an id or -1; those between braces belong to symbols (arm.h).
 */
ssize_t az_slash(struct str id, size_t before);
/* Parts of an ARM id: what follows "/NAME/" up to the next slash, in any case; "" none. */
struct str az_id_part(struct str id, const char *name);
/* "Microsoft.Network/networkSecurityGroups/securityRules": the type that an id says. */
struct str az_id_type(struct az_reader *r, struct str id);
/* The id without its last "/type/name"; "" none. */
struct str az_id_parent(struct str id);
/* The last part of an id. */
struct str az_id_name(struct str id);

/*
 * The record of that id, made when it is new: then nothing is known of it but what the id says.
 * NULL where there is no memory. Pointers are valid until the next record of the kind is made.
 */
void *az_record(struct az_reader *r, enum az_kind kind, struct str id, uint32_t *ret_index);
/* Index of a record that exists, or AZ_NONE. */
uint32_t az_find(struct az_reader *r, enum az_kind kind, struct str id);

/*
 * The record that the resource at v describes; its item is filled. *ret_before (may be NULL) says
 * whether it has been described before: in a file before, or in this one, as the branches of
 * templates do.
 */
enum az_before { AZ_FIRST, AZ_OTHER_FILE, AZ_SAME_FILE };
void *az_describe(struct az_reader *r, enum az_kind kind, uint32_t v, struct str id,
		  enum az_before *ret_before);

/* Readers of one type each: v is the resource, id its id (never empty). */
typedef void az_read_fn(struct az_reader *r, uint32_t v, struct str id);
az_read_fn az_read_nsg, az_read_rule, az_read_vnet, az_read_subnet, az_read_peering, az_read_nic,
	az_read_public_ip, az_read_vm, az_read_vmss, az_read_lb, az_read_lb_rule, az_read_lb_pool,
	az_read_jit, az_read_backup, az_read_vault, az_read_vault_config, az_read_extension,
	az_read_disk, az_read_patch, az_read_admin_rule;
/* Answers without an id of their own. */
void az_read_effective(struct az_reader *r, uint32_t v);
void az_read_effective_admin_rule(struct az_reader *r, uint32_t v);

/* One rule of an NSG, of an effective list or of AVNM. */
struct az_rule_reader {
	uint32_t least, most; /* priorities */
	bool is_default;
};
void az_rule_read(struct az_reader *r, uint32_t v, const struct az_rule_reader *how,
		  struct str parent, struct az_rule *ret);

/* After all files: sets `at` of every reference and makes records for what nobody describes. */
void az_link(struct az_reader *r);

#endif
