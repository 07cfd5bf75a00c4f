/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terraform_map: which attribute of azurerm is which member of Azure's own resources. */
#ifndef HF_FACTS_AZURE_TERRAFORM_MAP_H
#define HF_FACTS_AZURE_TERRAFORM_MAP_H

#include "facts/azure/terraform.h"

enum tf_kind {
	TF_PLAIN,  /* the value as it is */
	TF_REF,    /* the id of another: { id } */
	TF_REFS,   /* ids of others: [{ id }] */
	TF_BLOCKS, /* blocks: a list of objects */
	TF_BLOCK,  /* the only block: an object */
	TF_PART,   /* the name of a part of the whole: { id } */
};

/* Lists end with an empty one; two names for one member follow one another. */
struct tf_map {
	const char *from, *to;
	enum tf_kind kind;
	const struct tf_map *inner; /* of blocks */
	const char *part;           /* of parts: their kind in an id */
};
extern const struct tf_map tf_nic_ipconfig[], tf_vm_image[], tf_linux[], tf_os_blocks[], tf_patch[],
	tf_security[], tf_uefi[], tf_size[], tf_set_network[];

struct tf_type {
	struct str name; /* "azurerm_subnet" */
	const char *arm;
	const struct tf_map *attributes; /* members of properties */
	const struct tf_map *outer;      /* members beside properties */
	enum { TF_NOTHING, TF_SUBNET, TF_NIC, TF_VM, TF_VMSS } extra;
	const char *os;
};
const struct tf_type *tf_type_find(struct str name); /* NULL: not read */

#endif
