/* Threads of one job that pass blocks along: a ring of slots, each stage one thread or several that
 * handle every slot, in order where it is one, after the stage it depends on. The first failure
 * stops all of them. The caller feeds; what a slot holds is the caller's. Also used by evidence for
 * bulk reading. */
#pragma once

#include "base/err.h"

enum { PIPE_STAGES = 7, PIPE_WIDTH = 4, PIPE_THREADS = 10, PIPE_FEED = -1 };

typedef enum co_rc pipe_work(void *arg, size_t slot, struct co_err *err);
struct pipe_stage {
	pipe_work *work;
	int after;      /* index of an earlier stage, or PIPE_FEED */
	unsigned width; /* threads, at most PIPE_WIDTH; 0 is 1. More: slots pass out of order */
};

struct pipe;
enum co_rc pipe_start(struct pipe **out, size_t slots, const struct pipe_stage *stages,
	size_t stages_n, void *arg, struct co_err *err) CO_NODISCARD;
/* Waits for a slot that every stage has done with; the failure of a stage is returned here. */
enum co_rc pipe_claim(struct pipe *p, size_t *slot, struct co_err *err) CO_NODISCARD;
/* The slot claimed last is filled. */
void pipe_push(struct pipe *p);
/* Nothing more comes: waits until every stage has handled every slot. */
enum co_rc pipe_end(struct pipe *p, struct co_err *err) CO_NODISCARD;
void pipe_free(struct pipe **p); /* stops the threads wherever they are */
#define pipe_auto CO_CLEANUP(pipe_free) struct pipe
