/* Attachments: files that travel with a record by the way of exhibits. Here their bytes are taken
 * in and sealed before they go, offered once their record is stored, and looked for to be fetched.
 * Must never let a record wait for bytes, nor sign what nobody sealed. docs/protocol.md, 12.1. */
#pragma once

#include "evidence/exhibits.h"

/* ---- taking in: attachment.add made the place, these are its bytes ---- */
struct upload;
/* CO_EBUSY: LIMIT_UPLOADS are under way. CO_ENOTFOUND: no place of that officer. */
enum co_rc upload_begin(struct upload **out, struct evidence *e, const char *id,
	const char *officer, struct co_err *err) CO_NODISCARD;
/* CO_ETOOBIG past LIMIT_ATTACHMENT. */
enum co_rc upload_add(struct upload *u, const void *p, size_t n, struct co_err *err) CO_NODISCARD;
/* Sealed, durable and known when it returns CO_OK; CO_EREFUSED: there were no bytes. */
enum co_rc upload_end(struct upload *u, struct co_err *err) CO_NODISCARD;
/* Takes back what was not ended, the place too. */
void upload_free(struct upload **u);
#define upload_auto CO_CLEANUP(upload_free) struct upload

/* ---- for the porter (network room) ---- */
/* Signs and sends the manifests of files whose record is stored. *left: some could not go now. */
enum co_rc attachments_offer(struct evidence *e, bool *left, struct co_err *err) CO_NODISCARD;
/* Offered attachments that come by themselves. */
enum co_rc attachments_wanted(struct evidence *e, void (*call)(void *arg, const char *exhibit),
	void *arg, struct co_err *err) CO_NODISCARD;
/* Removes what was given before before_us and never went anywhere. */
enum co_rc attachments_sweep(
	struct evidence *e, int64_t before_us, struct co_err *err) CO_NODISCARD;
/* Is there room to fetch size bytes unasked? */
enum co_rc attachments_room(struct evidence *e, uint64_t size, struct co_err *err) CO_NODISCARD;

/* ---- giving out ---- */
/* The content of one that attachment.open opened (its answer), as slowly as it is taken. */
struct attachment_content;
enum co_rc attachment_content_open(struct attachment_content **out, struct evidence *e,
	const json_t *opened, struct co_err *err) CO_NODISCARD;
/* At most CHUNKED_PLAIN bytes, checked; *n is 0 after the last. arg is the content. */
enum co_rc attachment_content_next(
	void *arg, unsigned char *out, size_t *n, struct co_err *err) CO_NODISCARD;
void attachment_content_end(void *arg);
void attachment_content_close(struct attachment_content **c);
#define attachment_content_auto CO_CLEANUP(attachment_content_close) struct attachment_content
