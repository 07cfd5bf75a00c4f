// SPDX-License-Identifier: GPL-3.0-or-later
/* module: kernel modules that are loaded. */
#include "shared.h"

SEC("tp_btf/module_load")
int BPF_PROG(module_loaded, struct module *m)
{
	struct task_struct *t = (void *)bpf_get_current_task();
	struct process *p = identify(t);
	struct record_module *r = bpf_ringbuf_reserve(&ring_process, sizeof(*r), 0);

	if (!r) {
		lost(RECORD_SENSOR_MODULE);
		return 0;
	}
	r->head.kind = RECORD_MODULE_LOAD;
	r->head.size = sizeof(*r);
	r->head.time = bpf_ktime_get_boot_ns();
	r->head.image = p ? p->image : 0;
	r->head.tgid = bpf_get_current_pid_tgid() >> 32;
	r->head.uid = bpf_get_current_uid_gid();
	r->taints = BPF_CORE_READ(m, taints);
	bpf_get_current_comm(r->comm, RECORD_COMM);
	__builtin_memset(r->name, 0, RECORD_MODULE);
	bpf_probe_read_kernel_str(r->name, RECORD_MODULE, m->name);
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	wake(&ring_process);
	return 0;
}

char gpl[] SEC("license") = "GPL";
