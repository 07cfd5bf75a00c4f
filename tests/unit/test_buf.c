/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"
#include "fault.h"

static int fill(void *arg)
{
	own(buf_release) struct buf b = BUF(1 << 20);

	for (int i = 0; i < 1000; i++) {
		buf_fmt(&b, "%d,", i);
		buf_puts(&b, "text");
		buf_putc(&b, ';');
		buf_str(&b, STR("x"));
	}
	if (!b.error && (b.len != 1000 * 7 + 2890 || b.ptr[b.len]))
		return -EBADMSG;
	*(size_t *)arg = b.len;
	return b.error;
}

int main(void)
{
	own(buf_release) struct buf b = BUF(10), none = BUF(0), most = BUF(SIZE_MAX);
	size_t n = 0;

	is_str(buf_view(&b), STR(""), "a new buffer is empty text");
	is_int(buf_puts(&b, "12345"), 0, "add");
	is_int(buf_fmt(&b, "%s", "67890"), 0, "fill up to the limit");
	is_str(buf_view(&b), STR("1234567890"), "both are there");
	is_int(b.ptr[10], 0, "it ends with NUL");
	is_int(buf_puts(&b, ""), 0, "nothing more still fits");
	is_int(buf_putc(&b, 'x'), -EFBIG, "one byte over the limit");
	is_int(buf_puts(&b, ""), -EFBIG, "the failure stays");
	is_int(b.error, -EFBIG, "and is kept");
	is_str(buf_view(&b), STR("1234567890"), "what was there is whole");
	buf_reset(&b);
	ok(b.len == 0 && b.error == 0 && buf_puts(&b, "new") == 0, "reset");
	is_int(buf_fmt(&b, "%s", "a formatted text over the limit"), -EFBIG, "buf_fmt over it");
	is_str(buf_view(&b), STR("new"), "buf_fmt adds all or nothing");
	is_int(buf_putc(&none, 'x'), -EFBIG, "without a limit nothing fits");
	is_int(buf_putc(&most, 'x'), -EFBIG, "SIZE_MAX is no limit");
	is_int(fill(&n), 0, "a long text");
	fault_walk(fill, &n, "each allocation of the buffer fails once");
	return done();
}
