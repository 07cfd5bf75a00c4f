/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An audit log of any text: verified, gone on with, verified again. The first byte: 0: log and head
 * are as given, with a NUL between them; else each line becomes a genuine record, of which some are
 * left out.
 */
#include <sodium.h>

#include "jit/chain.h"
#include "jit_folder.h"

#define NOW 1'790'000'000'000
#define LOG_MAX (1U << 18)

static const unsigned char zeros[CHAIN_HASH];

static void put_record(struct buf *b, struct str line, unsigned char hash[static CHAIN_HASH])
{
	crypto_generichash_state s;
	char hex[2 * CHAIN_HASH + 1];

	crypto_generichash_init(&s, zeros, sizeof zeros, CHAIN_HASH);
	crypto_generichash_update(&s, hash, CHAIN_HASH);
	crypto_generichash_update(&s, (const unsigned char *)line.ptr, line.len);
	crypto_generichash_final(&s, hash, CHAIN_HASH);
	sodium_bin2hex(hex, sizeof hex, hash, CHAIN_HASH);
	buf_fmt(b, "%.*s,\"hash\":\"%s\"}\n", STR_FMT(line), hex);
}

/* "{"seq":N,"time":"…","prev":"…"" in front of what each line says. */
static void put_genuine(struct buf *b, struct str text)
{
	unsigned char hash[CHAIN_HASH] = {};
	unsigned seq = 0;
	struct str line;

	while (str_line(&text, &line, NULL) && seq < 200) {
		struct buf own(buf_release) one = BUF(CHAIN_LINE_MAX), other = BUF(CHAIN_LINE_MAX);
		char hex[2 * CHAIN_HASH + 1];

		sodium_bin2hex(hex, sizeof hex, hash, CHAIN_HASH);
		buf_fmt(&one, "{\"seq\":%u,\"time\":\"\",\"prev\":\"%s\"", ++seq, hex);
		buf_str(&one, line);
		put_record(&other, buf_view(&one), hash);
		if (!str_starts(line, STR("-")))
			buf_str(b, buf_view(&other));
	}
}

/* Whether the log's last line has no end. */
static bool lay(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data + 1, size - 1 }, log;
	struct buf own(buf_release) made = BUF(LOG_MAX);

	folder_write(CHAIN_KEY, (struct str){ (const char *)zeros, sizeof zeros });
	log = str_cut(&text, '\0');
	if (*data) {
		put_genuine(&made, log);
		log = buf_view(&made);
	}
	folder_write(CHAIN_LOG, log);
	folder_write(CHAIN_HEAD, text);
	return log.len && !str_ends(log, STR("\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct chain_field fields[] = {
		{"event", STR("granted\"\n\xff"), false}
	};
	struct chain_state before = {}, opened = {}, after = {};
	struct chain *c = NULL;
	bool cut;

	if (!size || size > LOG_MAX)
		return 0;
	if (folder < 0) {
		fuzz_assert(sodium_init() >= 0);
		folder_begin();
	}
	cut = lay(data, size);
	fuzz_assert(!chain_verify(folder, &before));
	fuzz_assert(before.fault < CHAIN_FAULTS && before.records <= before.last + 1);
	fuzz_assert(!chain_open(folder, NOW, &c, &opened));
	fuzz_assert(opened.fault == before.fault && opened.last == before.last);
	fuzz_assert(!chain_add(c, NOW, fields, COUNT(fields)));
	chain_close(&c);
	fuzz_assert(!chain_verify(folder, &after));
	/*
	 * What was whole is whole; damage stays known: that of the head, which is made anew, and of a
	 * last line without an end, which goes, by a record.
	 */
	fuzz_assert(before.fault == CHAIN_HEADLESS || (cut && before.fault == CHAIN_FOREIGN) ||
		    !after.fault == !before.fault);
	fuzz_assert(after.last == before.last + 1 + (before.fault != CHAIN_GOOD));
	return 0;
}
