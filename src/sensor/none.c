/* SPDX-License-Identifier: GPL-3.0-or-later */
/* none: the library where it was built without clang or libbpf. */
#include "sensor/sensor.h"

int sensors_open([[maybe_unused]] const struct sensor_options *o,
		 [[maybe_unused]] struct sensors **ret)
{
	return -ENOTSUP;
}

void sensors_release(struct sensors **s) { *s = NULL; }

void sensors_state([[maybe_unused]] const struct sensors *s, [[maybe_unused]] enum sensor_id id,
		   struct sensor_state *ret)
{
	*ret = (struct sensor_state){ .name = "", .summary = "", .error = -ENOTSUP };
}

int sensors_fd([[maybe_unused]] const struct sensors *s) { return -1; }

ssize_t sensors_read([[maybe_unused]] struct sensors *s, [[maybe_unused]] size_t most,
		     [[maybe_unused]] event_fn *fn, [[maybe_unused]] void *user)
{
	return -ENOTSUP;
}

void sensors_users([[maybe_unused]] struct sensors *s, [[maybe_unused]] struct str passwd) {}

int sensors_interfaces([[maybe_unused]] struct sensors *s) { return -ENOTSUP; }

int sensors_limit([[maybe_unused]] struct sensors *s, [[maybe_unused]] uint64_t cgroup,
		  [[maybe_unused]] uint32_t pps, [[maybe_unused]] unsigned seconds)
{
	return -ENOTSUP;
}
