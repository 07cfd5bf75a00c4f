/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include "base/subprocess.h"
#include "facts/azure/azure.h"
#include "facts/metadata.h"
#include "facts/worker.h"

/* The table whose collector reads the files of Azure for all others. */
#define AZURE_FIRST "azure_files"
#define LABEL_MAX 200

struct shared {
	_Atomic uint64_t files;
	struct sandbox_state sandbox;
};

struct broker {
	struct worker_context x;
	struct worker workers[GROUP_N];
	struct subprocess nft;
	struct shared *shared;
	struct store *store;
	bool *wanted; /* owned: what was asked for, what that needs, as far as it applies */
	unsigned all;
};

static void broker_release(struct broker *b)
{
	for (size_t i = 0; i < COUNT(b->workers); i++)
		worker_release(&b->workers[i]);
	subprocess_release(&b->nft);
	close_fd(&b->x.live.sock_diag);
	close_fd(&b->x.live.rtnetlink);
	close_fd(&b->x.live.nfnetlink);
	close_fd(&b->x.live.metadata);
	root_release(&b->x.root);
	root_release(&b->x.proc);
	root_release(&b->x.sys);
	free(b->wanted);
	if (b->shared)
		munmap(b->shared, sizeof *b->shared);
}

static void want(bool *wanted, struct str table)
{
	for (size_t i = 0; i < n_collectors; i++)
		if (str_eq(table, str_of(collectors[i]->table->name)))
			wanted[i] = true;
}

/* Azure's files alone are no machine. */
static bool has_machine(const struct snapshot_options *o) { return !o->azure || o->root; }

static const char *not_applicable(const struct snapshot_options *o, const struct collector *k)
{
	if (k->group == GROUP_AZURE)
		return o->azure ? NULL : "needs files of Azure (--azure)";
	return has_machine(o) ? NULL : "no machine was looked at, only files of Azure";
}

/*
 * Tables that follow from others want those, too, and those of Azure the one that reads the files.
 * What does not apply is left out, with a status.
 */
static int select_tables(struct broker *b, const struct snapshot_options *o)
{
	int r = 0;

	b->wanted = calloc(n_collectors, sizeof *b->wanted);
	if (!b->wanted)
		return -ENOMEM;
	if (o->azure) {
		want(b->wanted, STR(AZURE_FIRST));
		want(b->wanted, STR("azure_problems"));
	}
	for (size_t i = 0; i < n_collectors; i++) {
		struct str needs = str_of(collectors[i]->needs), table;

		b->wanted[i] |= !o->wanted || o->wanted[i];
		while (b->wanted[i] && (table = str_word(&needs)).ptr)
			want(b->wanted, table);
	}
	for (unsigned i = 0; r >= 0 && i < n_collectors; i++) {
		const char *why = not_applicable(o, collectors[i]);

		if (b->wanted[i] && why)
			r = store_status(b->store, i,
					 &(struct frame_end){ .status = COLLECT_NOT_APPLICABLE,
							      .reason = str_of(why) });
		b->wanted[i] &= !why;
	}
	b->x.wanted = b->wanted;
	return r;
}

static bool wants(const struct broker *b, const char *table)
{
	if (!b->x.wanted)
		return true;
	for (size_t i = 0; i < n_collectors; i++)
		if (!strcmp(collectors[i]->table->name, table))
			return b->x.wanted[i];
	return false;
}

/* The one program that is ever executed, and only on the machine that runs this. */
static void start_nft(struct broker *b)
{
	static const char *const argv[] = { "nft", "-j", "list", "ruleset", NULL };

	b->x.live.nft = -1;
	b->x.live.nft_error = -ENOENT;
	if (!wants(b, "firewall_ruleset") && !wants(b, "firewall_chains"))
		return;
	if (geteuid() != 0) {
		b->x.live.nft_error = -EPERM;
		return;
	}
	b->x.live.nft_error = subprocess_start(argv, &b->nft);
	if (b->x.live.nft_error >= 0)
		b->x.live.nft = b->nft.out;
}

static int open_roots(struct broker *b, const struct snapshot_options *o, struct diag *d)
{
	bool here = !o->root;
	int r;

	if (!has_machine(o))
		return 0;
	r = root_open(here ? "/" : o->root, here, &b->x.root);
	if (r < 0)
		return diag_set(d, r, o->root, 0, "cannot open: %s", strerror(-r));
	b->x.root.over = o->over;
	if (o->proc || here) {
		r = root_open(o->proc ? o->proc : "/proc", true, &b->x.proc);
		if (r < 0 && o->proc)
			return diag_set(d, r, o->proc, 0, "cannot open: %s", strerror(-r));
	}
	if (here && !o->proc && root_open("/sys", true, &b->x.sys) < 0)
		b->x.sys = ROOT_NONE;
	return 0;
}

static void open_live(struct broker *b, const struct snapshot_options *o)
{
	bool machine = !o->root && !o->proc && has_machine(o);

	b->x.live = LIVE_NONE;
	if (!machine)
		return;
	b->x.live.sock_diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	b->x.live.rtnetlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (wants(b, "firewall_ruleset") || wants(b, "firewall_chains"))
		b->x.live.nfnetlink =
			socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	start_nft(b);
	if (wants(b, "cloud_identity"))
		b->x.live.metadata_error =
			metadata_start(&b->x.sys, o->metadata_url, &b->x.live.metadata);
}

/* A file that cannot be read leaves everything open: there is no snapshot then. */
static int check_azure(struct broker *b, struct diag *d)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(b->store->db,
				    "SELECT reason FROM collector_status WHERE name='" AZURE_FIRST
				    "' AND status<>'ok'",
				    -1, &st, NULL);
	char reason[600];

	if (rc != SQLITE_OK)
		return store_errno(rc);
	if (sqlite3_step(st) != SQLITE_ROW)
		return 0;
	return diag_set(d, -EBADMSG, NULL, 0, "%s",
			text_safe(store_text(st, 0), reason, sizeof reason));
}

static int skip_walk(struct broker *b)
{
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < n_collectors; i++)
		if (collectors[i]->group == GROUP_FILE && b->x.wanted[i])
			r = store_status(
				b->store, i,
				&(struct frame_end){ .status = COLLECT_SKIPPED,
						     .reason = STR("left out by --quick") });
	return r;
}

static void count_work(struct broker *b, bool quick)
{
	for (unsigned g = 0; g < GROUP_N; g++) {
		struct worker *w = &b->workers[g];

		w->group = g;
		w->next = (unsigned)n_collectors;
		if (g == GROUP_FILE && quick)
			continue;
		w->next = worker_next(&b->x, g, 0);
		for (unsigned i = w->next; i < n_collectors; i = worker_next(&b->x, g, i + 1))
			b->all++;
	}
}

static int start_workers(struct broker *b, bool derived)
{
	int r = 0;

	for (unsigned g = 0; r >= 0 && g < GROUP_N; g++)
		if ((g == GROUP_DERIVED) == derived && b->workers[g].next < n_collectors)
			r = worker_start(&b->workers[g], &b->x);
	return r;
}

static int end_worker(struct broker *b, struct worker *w, const char *reason)
{
	int r = worker_end(w, &b->x, b->store, reason);

	return r == 1 ? worker_start(w, &b->x) : r;
}

static int serve_worker(struct broker *b, struct worker *w, bool ready, int64_t now)
{
	int r = ready ? worker_read(w, &b->x, b->store) : 1;

	if (r == 0)
		return end_worker(b, w, NULL);
	if (r == -EBADMSG)
		return end_worker(b, w, "its process sent something that is no fact");
	if (r == -E2BIG)
		return end_worker(b, w, "its process sent more than a table may hold");
	if (r < 0)
		return r;
	return now > w->deadline_ms ? end_worker(b, w, "took longer than its time budget") : 0;
}

static unsigned collectors_done(const struct broker *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < COUNT(b->workers); i++)
		n += b->workers[i].done;
	return n;
}

/* Until every process has ended. */
static int serve(struct broker *b, const struct snapshot_options *o)
{
	for (;;) {
		struct pollfd fds[GROUP_N];
		struct worker *at[GROUP_N];
		nfds_t n = 0;

		for (size_t i = 0; i < COUNT(b->workers); i++)
			if (b->workers[i].pid > 0) {
				at[n] = &b->workers[i];
				fds[n++] = (struct pollfd){ b->workers[i].fd, POLLIN, 0 };
			}
		if (!n)
			return 0;
		if (poll(fds, n, 100) < 0 && errno != EINTR)
			return -errno;
		for (nfds_t i = 0; i < n; i++) {
			int r = serve_worker(b, at[i], fds[i].revents != 0, monotonic_ms());

			if (r < 0)
				return r;
		}
		if (o->progress)
			o->progress(o->progress_user, collectors_done(b), b->all, b->shared->files);
	}
}

static int store_about(struct broker *b, const struct snapshot_options *o)
{
	char number[32];
	int r;

	snprintf(number, sizeof number, "%lld", (long long)b->x.now);
	r = store_meta(b->store, "collected_at", str_of(number));
	if (r >= 0)
		r = store_meta(b->store, "root",
			       has_machine(o) ? str_of(o->root ? o->root : "/") : STR(""));
	if (r >= 0)
		r = store_meta(b->store, "live", b->x.proc.fd >= 0 ? STR("1") : STR("0"));
	if (r >= 0)
		r = store_meta(b->store, "version", STR(HOLDFAST_VERSION));
	if (r >= 0)
		r = store_meta(b->store, "machine", has_machine(o) ? STR("1") : STR("0"));
	if (r >= 0 && o->azure)
		r = store_meta(b->store, "azure", str_sub(o->azure->label, 0, LABEL_MAX));
	return r;
}

int snapshot_collect(const struct snapshot_options *o, struct store *store,
		     struct snapshot_result *ret, struct diag *d)
{
	own(broker_release) struct broker b = { .store = store };
	int r;

	b.x = (struct worker_context){ .root = ROOT_NONE,
				       .proc = ROOT_NONE,
				       .sys = ROOT_NONE,
				       .broker = getpid(),
				       .azure = o->azure,
				       .inventory = o->inventory,
				       .advisories = o->advisories,
				       .advisories_error = o->advisories_error,
				       .now = time(NULL),
				       .store = store };
	b.x.live = LIVE_NONE;
	store->more = o->azure ? 2 * o->azure->bytes : 0;
	for (size_t i = 0; i < COUNT(b.workers); i++)
		b.workers[i].fd = -1;
	b.shared = mmap(NULL, sizeof *b.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (b.shared == MAP_FAILED) {
		b.shared = NULL;
		return -ENOMEM;
	}
	b.x.files = &b.shared->files;
	b.x.sandbox = &b.shared->sandbox;
	r = select_tables(&b, o);
	if (r >= 0)
		r = open_roots(&b, o, d);
	if (r < 0)
		return r;
	open_live(&b, o);
	r = store_about(&b, o);
	if (r >= 0 && o->quick)
		r = skip_walk(&b);
	count_work(&b, o->quick);
	for (int derived = 0; r >= 0 && derived < 2; derived++) {
		r = start_workers(&b, derived);
		if (r >= 0)
			r = serve(&b, o);
	}
	if (r >= 0 && o->azure)
		r = check_azure(&b, d);
	if (r < 0)
		return diag_set(d, r, o->root, 0, "cannot collect: %s",
				store->error[0] ? store->error : strerror(-r));
	*ret = (struct snapshot_result){ b.shared->sandbox, b.x.proc.fd >= 0 };
	return 0;
}
