/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/ini.h"

int ini_next(struct ini *ini, struct str *ret_key, struct str *ret_value)
{
	struct str line, key;

	while (str_line(&ini->text, &line, &ini->line)) {
		bool indented = line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t');

		if (line.len && memchr(line.ptr, 0, line.len))
			return -EBADMSG;
		line = str_trim(line);
		if (!line.len || line.ptr[0] == '#' || line.ptr[0] == ';')
			continue;
		if (line.ptr[0] == '[' && !indented) {
			line = str_sub(line, 1, line.len);
			ini->section = str_trim(str_cut(&line, ']'));
			*ret_key = (struct str){};
			*ret_value = (struct str){};
			return 1;
		}
		key = str_cut(&line, '=');
		if (!line.ptr || indented)
			continue;
		*ret_key = str_trim(key);
		*ret_value = str_trim(line);
		return 1;
	}
	return 0;
}
