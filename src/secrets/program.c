/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/program.h"
#include "secrets/line.h"

#define A FORM_ATTACHED
#define N FORM_NEXT
#define E FORM_EQUAL
#define OPT(programs_, before_, option_, form_, take_) \
	{ .programs = programs_,                       \
	  .before = before_,                           \
	  .option = option_,                           \
	  .form = form_,                               \
	  .take = TAKE_##take_,                        \
	  .what = PROGRAM_OPTION },
#define ARG(programs_, before_, nth_, take_) \
	{ .programs = programs_,             \
	  .before = before_,                 \
	  .nth = nth_,                       \
	  .take = TAKE_##take_,              \
	  .what = PROGRAM_ARGUMENT },
#define SET(programs_, before_) \
	{ .programs = programs_, .before = before_, .what = PROGRAM_SETTING },
static const struct program_row rows[] = {
#include "secrets/programs.def"
};
#undef A
#undef N
#undef E

bool names_have(const char *names, struct str name)
{
	const char *p = names;

	if (!name.len)
		return false;
	while ((p = memmem(p, strlen(p), name.ptr, name.len))) {
		if ((p == names || p[-1] == ' ') && (p[name.len] == ' ' || !p[name.len]))
			return true;
		p++;
	}
	return false;
}

/* Every name of every row: its rows are chained in the order of the table. */
#define NAMES_MAX 1024
#define SLOTS 2048U
struct entry {
	struct str name;
	uint16_t row, next; /* entry of the same name, from 1 */
};
static struct entry entries[NAMES_MAX];
static uint16_t slots[SLOTS]; /* first entry of a name, from 1 */
static uint16_t n_entries;

static uint32_t hash(struct str s)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 16777619U;
	return h;
}

static uint16_t *slot_of(struct str name)
{
	uint32_t i = hash(name) % SLOTS;

	while (slots[i] && !str_eq(entries[slots[i] - 1].name, name))
		i = (i + 1) % SLOTS;
	return &slots[i];
}

__attribute__((constructor)) static void index_rows(void)
{
	for (uint16_t i = COUNT(rows); i--;) {
		struct str rest = str_of(rows[i].programs), name;

		while ((name = str_word(&rest)).ptr && n_entries < NAMES_MAX) {
			uint16_t *slot = slot_of(name);

			entries[n_entries] = (struct entry){ name, i, *slot };
			*slot = ++n_entries;
		}
	}
}

struct program_rows program_find(struct str name)
{
	if (name.len < 2 || name.len > 40)
		return (struct program_rows){};
	return (struct program_rows){ *slot_of(name) };
}

const struct program_row *program_next(struct program_rows *r)
{
	const struct program_row *row;

	if (!r->at)
		return NULL;
	row = &rows[entries[r->at - 1].row];
	r->at = entries[r->at - 1].next;
	return row;
}

/* clang-format off */
static const char *const kinds[] = {
	"sudo doas env nohup time timeout nice ionice xargs watch exec command ssh strace ltrace setsid "
	"stdbuf chroot su docker podman kubectl nerdctl lxc incus oc nsenter screen tmux flock "
	"systemd-run runuser proxychains proxychains4 torsocks unbuffer script parallel docker-compose "
	"compose crictl machinectl eval sh bash zsh dash ksh fish caffeinate pkexec gosu su-exec firejail "
	"numactl taskset chrt unshare bwrap faketime vagrant mosh autossh builtin nocorrect noglob then at batch",
	"man apt apt-get apt-cache aptitude yum dnf apk brew zypper pacman dpkg rpm which whereis type "
	"whatis apropos tldr grep egrep fgrep zgrep rg ag ack find locate ls ll less more tail head vim vi "
	"nano emacs cd mkdir cp mv rm chmod chown ln tar diff stat systemctl service journalctl ps pgrep "
	"pkill killall info help wc sort uniq code history alias unalias whois awk pip pip3 go",
	"set sql exp imp net http https step wp mc cf bw ab qm pct dig hive snap gem pip pip3 npm "
	"poetry composer bundle java socat config keyring juju chamber fly su http go "
	"vault consul nomad influx mongo rancher mqtt presto trino helm",
};
/* clang-format on */
enum { WRAPPER, INERT, AMBIGUOUS };

#define TRAITS 1024U
static struct trait {
	struct str name;
	uint8_t bits;
} traits[TRAITS];

static struct trait *trait_of(struct str name)
{
	uint32_t i = hash(name) % TRAITS;

	while (traits[i].name.len && !str_eq(traits[i].name, name))
		i = (i + 1) % TRAITS;
	return &traits[i];
}

__attribute__((constructor)) static void index_traits(void)
{
	for (unsigned k = 0; k < COUNT(kinds); k++) {
		struct str rest = str_of(kinds[k]), name;

		while ((name = str_word(&rest)).ptr) {
			struct trait *t = trait_of(name);

			t->name = name;
			t->bits |= (uint8_t)(1U << k);
		}
	}
}

static bool has_trait(struct str name, unsigned kind)
{
	return name.len && trait_of(name)->bits >> kind & 1;
}

bool program_is_wrapper(struct str name) { return has_trait(name, WRAPPER); }
bool program_is_inert(struct str name) { return has_trait(name, INERT); }
bool program_is_ambiguous(struct str name) { return has_trait(name, AMBIGUOUS); }

bool secret_program_keyword(size_t i, struct str *ret)
{
	if (i >= n_entries)
		return false;
	*ret = entries[i].name;
	return true;
}
