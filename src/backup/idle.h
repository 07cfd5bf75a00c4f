/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle: memory while another program does the work. What is mapped of program and libraries, and
 * was only read, is given back; it comes again out of the page cache when it is needed.
 */
#ifndef HF_BACKUP_IDLE_H
#define HF_BACKUP_IDLE_H

void idle_memory(void);

#endif
