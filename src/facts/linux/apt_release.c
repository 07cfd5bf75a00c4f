/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <time.h>

#include "facts/linux/apt_release.h"

static bool two_digits(struct str s, int *ret)
{
	int64_t n;

	if (s.len < 1 || s.len > 2 || str_to_int64(s, &n) < 0 || n < 0)
		return false;
	*ret = (int)n;
	return true;
}

int64_t apt_release_time(struct str value)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	struct str day, month, year, clock, zone;
	struct tm tm = {};
	int64_t n;

	(void)str_word(&value); /* "Sat," */
	day = str_word(&value);
	month = str_word(&value);
	year = str_word(&value);
	clock = str_word(&value);
	zone = str_word(&value);
	tm.tm_mon = -1;
	for (int i = 0; i < 12 && month.len == 3; i++)
		if (str_ieq(month, (struct str){ months + (ptrdiff_t)3 * i, 3 }))
			tm.tm_mon = i;
	if (tm.tm_mon < 0 || year.len != 4 || str_to_int64(year, &n) < 0 || n < 1970 ||
	    !two_digits(day, &tm.tm_mday) || tm.tm_mday < 1 || tm.tm_mday > 31)
		return FACT_UNKNOWN;
	tm.tm_year = (int)n - 1900;
	if (!two_digits(str_cut(&clock, ':'), &tm.tm_hour) ||
	    !two_digits(str_cut(&clock, ':'), &tm.tm_min) || !two_digits(clock, &tm.tm_sec))
		return FACT_UNKNOWN;
	/* APT takes no other zone. */
	if (!str_eq(zone, STR("UTC")) && !str_eq(zone, STR("GMT")) && !str_eq(zone, STR("Z")) &&
	    !str_eq(zone, STR("+0000")))
		return FACT_UNKNOWN;
	return timegm(&tm);
}

static bool is_yes(struct str v)
{
	bool yes;

	return str_to_bool(v, &yes) == 0 && yes;
}

struct all {
	bool stated, index;
};

static bool has_word(struct str list, struct str word)
{
	struct str w;

	while ((w = str_word(&list)).len)
		if (str_ieq(w, word))
			return true;
	return false;
}

static bool set_field(struct apt_release *r, struct all *all, struct str name, struct str value)
{
	struct {
		struct str name, *to;
	} const fields[] = {
		{STR("Origin"),    &r->origin  },
                { STR("Label"),    &r->label   },
		{ STR("Suite"),    &r->archive },
                { STR("Codename"), &r->codename},
		{ STR("Version"),  &r->version },
	};

	for (size_t i = 0; i < COUNT(fields); i++) {
		if (str_ieq(name, fields[i].name)) {
			*fields[i].to = value;
			return true;
		}
	}
	if (str_ieq(name, STR("Date")))
		r->date = apt_release_time(value);
	else if (str_ieq(name, STR("Valid-Until")))
		r->valid_until = apt_release_time(value);
	else if (str_ieq(name, STR("NotAutomatic")))
		r->not_automatic = is_yes(value);
	else if (str_ieq(name, STR("ButAutomaticUpgrades")))
		r->but_automatic_upgrades = is_yes(value);
	else if (str_ieq(name, STR("Architectures")))
		all->stated = has_word(value, STR("all"));
	else if (str_ieq(name, STR("No-Support-for-Architecture-all")))
		all->index = !str_ieq(value, STR("Packages"));
	else
		return false;
	return true;
}

int apt_release_parse(struct str text, struct apt_release *ret)
{
	struct apt_release r = { .date = FACT_UNKNOWN, .valid_until = FACT_UNKNOWN };
	struct all all = { .index = true };
	struct str line, name;
	bool any = false;

	while (str_line(&text, &line, NULL)) {
		/* Lists of files follow; behind them only the signature does. */
		if (str_istarts(line, STR("MD5Sum:")) || str_istarts(line, STR("SHA1:")) ||
		    str_istarts(line, STR("SHA256:")) || str_istarts(line, STR("SHA512:")))
			break;
		if (!line.len || line.ptr[0] == ' ' || line.ptr[0] == '-')
			continue;
		name = str_cut(&line, ':');
		if (line.ptr)
			any |= set_field(&r, &all, str_trim(name), str_trim(line));
	}
	if (!any)
		return -EBADMSG;
	r.with_all = all.stated && all.index;
	*ret = r;
	return 0;
}

int64_t apt_release_size(struct str text, struct str name)
{
	while (text.len > name.len) {
		const char *p = memmem(text.ptr, text.len, name.ptr, name.len), *start;
		size_t at;
		int64_t size;

		if (!p)
			return -1;
		at = (size_t)(p - text.ptr);
		start = memrchr(text.ptr, '\n', at);
		/* " <checksum> <size> <name>" */
		if (start && at && p[-1] == ' ' &&
		    (at + name.len == text.len || p[name.len] == '\n' || p[name.len] == '\r')) {
			struct str line = { start + 1, (size_t)(p - start) - 1 };
			struct str sum = str_word(&line), number = str_word(&line);

			if (sum.len >= 32 && str_to_int64(number, &size) == 0 && size >= 0)
				return size;
		}
		text = str_sub(text, at + name.len, text.len);
	}
	return -1;
}
