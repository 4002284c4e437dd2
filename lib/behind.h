/* Work of the processor that lets everybody else go first: hashing a password takes a core for a
 * quarter of a second, and a read that is answered in 50 us shall not wait for it. */
#ifndef BEHIND_H
#define BEHIND_H

/* From here on until behind_end the process steps back. Needs no privilege. Where the kernel or a
 * filter of system calls refuses, the work is done all the same, as anybody's. */
void behind_begin(void);
void behind_end(void);

#endif
