# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a tree: what a change left of it."""
import hashlib
import os
import stat


def picture(root, leave=("/var/lib/holdfast",), times=False):
    """{path below root: (mode, owner, group, digest or target)}, without what lies below `leave`; with the
    times of what is no folder, too."""
    found = {}
    for base, folders, files in os.walk(root):
        inner = base[len(root):]
        folders[:] = [f for f in folders if not (inner + "/" + f).startswith(leave)]
        for name in folders + files:
            path = os.path.join(base, name)
            if path[len(root):].startswith(leave):
                continue
            try:
                st, what = os.lstat(path), ""
                if stat.S_ISLNK(st.st_mode):
                    what = os.readlink(path)
                elif stat.S_ISREG(st.st_mode):
                    with open(path, "rb") as f:
                        what = hashlib.sha256(f.read()).hexdigest()
            except FileNotFoundError:  # somebody works there
                continue
            found[path[len(root):]] = (oct(st.st_mode), st.st_uid, st.st_gid, what)
            if times and not stat.S_ISDIR(st.st_mode):
                found[path[len(root):]] += (st.st_mtime_ns,)
    return found


def different(a, b):
    return ["%s %s -> %s" % (p, a.get(p), b.get(p)) for p in sorted(set(a) | set(b)) if a.get(p) != b.get(p)]
