/* SPDX-License-Identifier: GPL-3.0-or-later */
/* field: what events of the sensors bear. Sigma's names where it has one. */
#ifndef HF_SENSOR_FIELD_H
#define HF_SENSOR_FIELD_H

/* F(identifier, "name") */
#define SENSOR_FIELD_LIST(F)                        \
	F(IMAGE, "Image")                           \
	F(COMMAND_LINE, "CommandLine")              \
	F(PARENT_IMAGE, "ParentImage")              \
	F(PARENT_COMMAND_LINE, "ParentCommandLine") \
	F(CURRENT_DIRECTORY, "CurrentDirectory")    \
	F(USER, "User")                             \
	F(USER_ID, "UserId")                        \
	F(EFFECTIVE_USER, "EffectiveUser")          \
	F(LOGON_ID, "LogonId")                      \
	F(PROCESS_ID, "ProcessId")                  \
	F(PARENT_PROCESS_ID, "ParentProcessId")     \
	F(PROCESS_NAME, "ProcessName")              \
	F(CAPABILITIES, "Capabilities")             \
	F(CGROUP, "Cgroup")                         \
	F(CGROUP_ID, "CgroupId")                    \
	/* "true", or absent */                     \
	F(IMAGE_DELETED, "ImageDeleted")            \
	F(IMAGE_MEMORY, "ImageMemory")              \
	F(IMAGE_SHARED_MEMORY, "ImageSharedMemory") \
	F(IMAGE_WRITABLE, "ImageWorldWritable")     \
	F(SET_USER_ID, "SetUserId")                 \
	F(TRUNCATED, "Truncated")                   \
	/* Before the change */                     \
	F(OLD_USER, "OldUser")                      \
	F(OLD_EFFECTIVE_USER, "OldEffectiveUser")   \
	/* network */                               \
	F(PROTOCOL, "Protocol")                     \
	F(INITIATED, "Initiated")                   \
	F(SOURCE_IP, "SourceIp")                    \
	F(SOURCE_PORT, "SourcePort")                \
	F(DESTINATION_IP, "DestinationIp")          \
	F(DESTINATION_PORT, "DestinationPort")      \
	F(DESTINATION_IS_IPV6, "DestinationIsIpv6") \
	F(ERROR, "Error")                           \
	F(FLOOD_SCOPE, "FloodScope")                \
	F(FLOOD_KIND, "FloodKind")                  \
	F(PACKETS, "Packets")                       \
	F(PACKETS_ANSWERED, "PacketsAnswered")      \
	F(PACKET_RATE, "PacketRate")                \
	F(DESTINATIONS, "Destinations")             \
	F(MILLISECONDS, "Milliseconds")             \
	F(IMAGE_LOADED, "ImageLoaded")              \
	F(TAINTS, "Taints")

enum sensor_field {
#define F(identifier, name) SENSOR_FIELD_##identifier,
	SENSOR_FIELD_LIST(F)
#undef F
		SENSOR_FIELDS
};

/* Sigma's product is linux; F(identifier, "category") */
#define SENSOR_CATEGORY_LIST(F)                     \
	F(PROCESS_CREATION, "process_creation")     \
	F(PRIVILEGE_CHANGE, "privilege_change")     \
	F(NETWORK_CONNECTION, "network_connection") \
	F(NETWORK_REFUSED, "network_refused")       \
	F(NETWORK_LISTENER, "network_listener")     \
	F(DRIVER_LOAD, "driver_load")               \
	F(OUTBOUND_FLOOD, "outbound_flood")

enum sensor_category {
#define F(identifier, name) SENSOR_CATEGORY_##identifier,
	SENSOR_CATEGORY_LIST(F)
#undef F
		SENSOR_CATEGORIES
};

extern const char *const sensor_field_names[SENSOR_FIELDS];
extern const char *const sensor_category_names[SENSOR_CATEGORIES];

#endif
