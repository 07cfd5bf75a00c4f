// SPDX-License-Identifier: GPL-3.0-or-later
/* process: every exec; children inherit the number of the image from who forked them. */
#include "shared.h"

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	u32 tgid = BPF_CORE_READ(child, tgid);
	struct process *p, copy, is = {};

	if (tgid == BPF_CORE_READ(parent, tgid) || !BPF_CORE_READ(child, mm))
		return 0;
	p = identify(parent);
	if (!p) {
		bpf_map_delete_elem(&processes, &tgid);
		return 0;
	}
	credentials(child, &is);
	if (raised(p, &is))
		seen(BPF_CORE_READ(parent, tgid), p->start, 1, RECORD_RAISED);
	copy = is;
	copy.image = p->image;
	copy.parent = p->parent;
	copy.fresh = 1;
	copy.epoch = p->epoch;
	copy.start = BPF_CORE_READ(child, start_boottime);
	bpf_map_update_elem(&processes, &tgid, &copy, BPF_ANY);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *t, int old_pid, struct linux_binprm *bprm)
{
	u32 tgid = BPF_CORE_READ(t, tgid), flags = 0;
	struct process *was = bpf_map_lookup_elem(&processes, &tgid);
	struct process p = { .image = new_image(), .epoch = epoch() };

	p.start = BPF_CORE_READ(t, group_leader, start_boottime);
	credentials(t, &p);
	if (was && was->start == p.start) {
		p.parent = was->fresh ? was->image : was->parent;
		if (raised(was, &p) && !BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec))
			flags = RECORD_RAISED;
	}
	if (tell(t, &p, RECORD_EXEC, flags, was ?: &p)) {
		bpf_map_delete_elem(&processes, &tgid);
		return 0;
	}
	bpf_map_update_elem(&processes, &tgid, &p, BPF_ANY);
	return 0;
}

char gpl[] SEC("license") = "GPL";
