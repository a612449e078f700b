#include <stdio.h>

int
main(void)
{
	(void)puts("comity " COMITY_VERSION);
	return 0;
}
