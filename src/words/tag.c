/* Codes of two letters as of ISO 639-1 (184 of them, 2023). Who writes jp or gr means a country. */
#include "words/language.h"

#include <string.h>

static const char tag_known[] =
	" aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy"
	" da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht"
	" hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky"
	" la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny"
	" oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss"
	" st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo"
	" za zh zu ";

bool
language_tag_known(const char *tag, size_t n)
{
	size_t first = strcspn(tag, "-");
	char code[5] = " .. ";

	if (first > n)
		first = n;
	if (first != 2)
		return first == 3; /* ISO 639-2 and 639-3 have thousands */
	memcpy(code + 1, tag, 2);
	return strstr(tag_known, code) != NULL;
}
