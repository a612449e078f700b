/* Places of comity.conf: HOST:PORT, where HOST is a name, an IPv4 address, or an IPv6 address in
 * brackets; and where the node listens for partners, which the url says when listen is empty. Must
 * never ask a resolver. Words: docs/manual.md, Configuration. */
#pragma once

#include "cli/config.h"

enum { WHERE_HOST = 256 };

struct where {
	char host[WHERE_HOST]; /* without brackets */
	uint16_t port;
	bool ip; /* not a name */
};

/* False and nothing written when it is none of these. */
bool where_parse(const char *text, struct where *out);
/* What the listener binds: listen, else the address of the url, else, the url naming a host, all
 * addresses ("::") at its port. The configuration has been checked. */
void where_listen(const struct config *c, struct where *out);
