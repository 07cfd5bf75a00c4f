/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts of configuration files with one thing changed: what comes out is a text that the same change
 * leaves alone. The first byte chooses the change, the second a style.
 */
#include "action/account_edit.h"
#include "action/edit_pam.h"
#include "action/firewall_text.h"
#include "fuzz.h"

static const struct edit_style *const styles[] = { &edit_blank, &edit_pam, &edit_unit, &edit_sysctl,
						   &edit_shell };

static int change(unsigned what, const struct edit_style *style, struct str text, struct buf *out)
{
	static const struct str options[] = { STR("nodev"), STR("noexec") };
	static const struct str lines[] = { STR("a b"), STR("-e 2") };
	struct str section = what & 1 ? STR("A") : (struct str){};

	switch (what % 9) {
	case 0:
	case 1: return edit_set(text, style, section, STR("name"), STR("value"), out);
	case 2: return edit_unset(text, style, section, STR("name"), out);
	case 3: return edit_lines(text, lines, COUNT(lines), out);
	case 4: return edit_word(text, STR("pam_unix.so"), STR("nullok"), out);
	case 5:
		return edit_fstab(text, STR("/tmp"), options, COUNT(options),
				  STR("tmpfs /tmp tmpfs nodev,noexec 0 0"), out);
	case 6: return edit_sshd(text, STR("PermitRootLogin"), STR("no"), out);
	case 7:
		return edit_pam_add(text, STR("auth"), STR("pam_unix.so"),
				    (enum edit_pam_where)(what / 9 % 3), STR("required pam_x.so y"),
				    out);
	default: /* Field 0 is the name itself. */
		return edit_field(text, STR("ben"), 1 + what / 9 % 9, STR("!"), out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { (const char *)data + 2, len - 2 };
	struct buf once own(buf_release) = BUF(EDIT_MAX), twice own(buf_release) = BUF(EDIT_MAX);
	const struct edit_style *style;
	struct firewall_text t = {};

	if (len < 2)
		return 0;
	style = styles[data[1] % COUNT(styles)];
	(void)(firewall_read(&t, text) + firewall_parse(&t, text));
	if (change(data[0], style, text, &once) < 0)
		return 0;
	fuzz_assert(!change(data[0], style, buf_view(&once), &twice));
	fuzz_assert(str_eq(buf_view(&once), buf_view(&twice)));
	return 0;
}
