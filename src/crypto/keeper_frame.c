#include "crypto/keeper_ipc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

bool
keeper_head_read(struct keeper_head *h, const unsigned char p[KEEPER_HEAD], size_t max)
{
	struct co_cursor c = co_cursor(p, KEEPER_HEAD);
	uint32_t length = co_cur_u32(&c);

	h->number = co_cur_u32(&c);
	h->code = co_cur_u8(&c);
	if (length < KEEPER_HEAD - 4 || length - (KEEPER_HEAD - 4) > max)
		return false;
	h->payload = length - (KEEPER_HEAD - 4);
	return true;
}

static enum co_rc
recv_all(int fd, void *p, size_t n, struct co_err *err)
{
	char *at = p;

	while (n > 0) {
		ssize_t r = recv(fd, at, n, 0);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return co_fail(err, CO_ETIMEOUT, "no answer in time");
		if (r <= 0)
			return co_fail(err, CO_ECLOSED, "the other end has closed");
		at += r;
		n -= (size_t)r;
	}
	return CO_OK;
}

enum co_rc
keeper_frame_recv(int fd, struct keeper_head *h, struct co_buf *payload, struct co_err *err)
{
	unsigned char head[KEEPER_HEAD];
	struct keeper_head got;
	char *at;
	enum co_rc rc = recv_all(fd, head, sizeof(head), err);

	if (rc != CO_OK)
		return rc;
	if (!keeper_head_read(&got, head, payload->max))
		return co_fail(err, CO_EMALFORMED, "frame of the keeper's socket");
	co_buf_reset(payload);
	rc = co_buf_reserve(payload, got.payload, &at, err);
	if (rc == CO_OK)
		rc = recv_all(fd, at, got.payload, err);
	if (rc != CO_OK)
		return rc;
	payload->len = got.payload;
	payload->data[payload->len] = '\0';
	*h = got;
	return CO_OK;
}

enum co_rc
keeper_frame_send(
	int fd, uint32_t number, uint8_t code, const void *payload, size_t n, struct co_err *err)
{
	uint32_t length = (uint32_t)(n + KEEPER_HEAD - 4);
	unsigned char head[KEEPER_HEAD];
	struct iovec iov[2] = { { head, sizeof(head) }, { (void *)(uintptr_t)payload, n } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	for (int i = 0; i < 4; i++) {
		head[i] = (unsigned char)(length >> (24 - 8 * i));
		head[4 + i] = (unsigned char)(number >> (24 - 8 * i));
	}
	head[8] = code;
	while (iov[0].iov_len + iov[1].iov_len > 0) {
		ssize_t w = sendmsg(fd, &msg, MSG_NOSIGNAL);
		size_t first;

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return co_fail(err, CO_ECLOSED, "the other end has closed");
		first = (size_t)w < iov[0].iov_len ? (size_t)w : iov[0].iov_len;
		iov[0].iov_base = (char *)iov[0].iov_base + first;
		iov[0].iov_len -= first;
		iov[1].iov_base = (char *)iov[1].iov_base + ((size_t)w - first);
		iov[1].iov_len -= (size_t)w - first;
	}
	return CO_OK;
}
