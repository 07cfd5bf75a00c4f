/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * terraform: plans and states as `terraform show -json` writes them
 * (developer.hashicorp.com/terraform/internals/json-format), resources of the provider azurerm.
 *
 * What a plan does not know yet is mostly the id of another resource of it: the configuration says
 * which one. Resources without an id have their address for one.
 */
#ifndef HF_FACTS_AZURE_TERRAFORM_H
#define HF_FACTS_AZURE_TERRAFORM_H

#include "facts/azure/az_plan.h"

/* One instance of a resource. */
struct tf_instance {
	struct str module;        /* "module.net[0]", "" the root */
	struct str base;          /* "azurerm_subnet.web" */
	struct str key;           /* of count or for_each as written, "" none */
	struct str type;          /* "azurerm_subnet" */
	uint32_t node;            /* the resource */
	uint32_t values, unknown; /* nodes; 0: none */
	uint32_t config;          /* its `expressions` in the configuration; 0: none */
	struct str id;
	bool several; /* others have the same module and base */
	/* what associations add */
	struct str nsg;
	bool has_nsg, nsg_unknown;
	struct az_texts pools, nat_rules, groups; /* pairs: id, name of the IP configuration */
};

struct tf {
	struct az_reader *r;
	struct jdoc *doc;
	struct arena *a;
	struct jbuild out;
	struct tf_instance *list;
	size_t n, cap;
	/*
	 * "module.base" and "module.base|key" -> instance, "type/name" -> instance, id -> instance,
	 * "/module|base" -> expressions, of modules without the keys of their instances
	 */
	struct map by_base, by_name, by_id, by_config;
	uint32_t configuration; /* root module's node; 0: none */
	/* an association with a subnet (NIC) that is not known: it may be any that has none */
	bool loose_subnet, loose_nic;
	int error;
};

struct str tf_text(struct tf *t, uint32_t v);
/* An attribute of an instance or of a block in it: its node; 0: none; *ret_unknown: after apply. */
uint32_t tf_attribute(const struct tf *t, uint32_t values, uint32_t unknown, const char *name,
		      bool *ret_unknown);

/*
 * The instance that attribute `name` of an instance (or of a block of it, whose expressions are
 * `config`) refers to; AZ_NONE: not known.
 */
uint32_t tf_referred(struct tf *t, const struct tf_instance *from, uint32_t config,
		     const char *name);
/* The id that an attribute holds or refers to; "" none. *ret_unknown: there is one, or may be. */
struct str tf_id(struct tf *t, const struct tf_instance *from, uint32_t values, uint32_t unknown,
		 uint32_t config, const char *name, bool *ret_unknown);
/* An instance of that module and base (and key, if key.ptr), or AZ_NONE. */
uint32_t tf_find(struct tf *t, struct str module, struct str base, struct str key);
/* The configuration: notes the expressions of all resources; finds those of one, 0: none. */
void tf_read_configuration(struct tf *t);
uint32_t tf_expressions(struct tf *t, struct str module, struct str base);
void tf_put(struct tf *t, struct map *m, struct str key, uint32_t value);

/* Writes the resource that an instance is, if it is one that is read. */
void tf_emit(struct tf *t, const struct tf_instance *x);

#endif
