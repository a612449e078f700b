/* The courier's inside: what its sending thread and its settling thread share. Private to the
 * courier's files: nothing else may include it. */
#pragma once

#include "exchange/outbox.h"
#include "network/courier.h"
#include "network/http.h"

#include <pthread.h>

struct courier_lane {
	struct courier_peer *peer;
	int lane;
	int64_t after_seq;  /* rows up to here were handed out */
	int64_t look_us;    /* when to ask the outbox again */
	unsigned in_flight; /* batches with curl or the settler */
	unsigned handed;    /* batches since the last flush */
	unsigned limit;     /* rows in the next batch: 1 after a partner refused a whole batch */
	bool more;          /* something was settled or woken since the last look */
};

struct courier_peer {
	struct courier_peer *next;
	char address[LIMIT_ADDRESS + 1];
	struct courier_lane lanes[LANE_N];
	unsigned failures; /* connections in a row that came to nothing */
	int64_t rest_until_us, heard_us;
	bool heard; /* the settler shall end its rest */
};

struct courier_batch {
	struct courier_batch *next;
	struct courier_lane *lane;
	struct outbox_row rows[LIMIT_BATCH_RECORDS];
	size_t rows_n;
	struct co_buf body, answer;
	struct curl_slist *head;
	CURL *easy;
	CURLcode code;
	long status;
	char why[300]; /* of a connection that failed */
};

struct courier {
	struct exchange *x;
	struct tls *tls;
	CURLM *multi;
	pthread_t thread, settler;
	pthread_mutex_t lock; /* peers' lanes, settle queue, stop */
	pthread_cond_t ready;
	struct courier_peer *peers;
	struct courier_batch *settle; /* urgent lanes first, each in its order */
	struct courier_batch *flying; /* with curl; the courier's thread only */
	bool stop;
	bool threads;
};

void batch_free(struct courier_batch *b);
/* Answers into the database, one batch after another; arg: courier. */
void *courier_settle_thread(void *arg);
