/* A filled form for the terminal, in a language of the catalogues. Must never translate what a
 * person wrote. Catalogues: words/catalogue.h. */
#pragma once

#include "cli/cli.h"

/* language: as "th", or NULL for English. Prints nothing for a measure without a form here. */
void form_text(const char *language, const char *measure, const json_t *fields);
