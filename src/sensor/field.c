/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/field.h"

#include "sensor/sensor.h"

#define F(identifier, name) [SENSOR_FIELD_##identifier] = (name),
const char *const sensor_field_names[SENSOR_FIELDS] = { SENSOR_FIELD_LIST(F) };
#undef F
#define F(identifier, name) [SENSOR_CATEGORY_##identifier] = (name),
const char *const sensor_category_names[SENSOR_CATEGORIES] = { SENSOR_CATEGORY_LIST(F) };
#undef F

int sensors_fields(struct names *n)
{
	uint16_t id;
	int r = names_add(n, STR("linux"), &id);

	for (size_t i = 0; i < SENSOR_FIELDS && r >= 0; i++)
		r = names_add(n, str_of(sensor_field_names[i]), &id);
	for (size_t i = 0; i < SENSOR_CATEGORIES && r >= 0; i++)
		r = names_add(n, str_of(sensor_category_names[i]), &id);
	return r < 0 ? r : 0;
}
