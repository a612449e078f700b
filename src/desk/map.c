/* The map of the network page: land, night, and a mark for each place with a desk. The table under
 * it is the truth; the map says the same to the eye, by shape and word. */
#include "desk/looks.h"
#include "desk/inside.h"

#include "words/catalogue.h"
#include "desk/map_files.h"

#include <math.h>
#include <string.h>

enum { SPOTS_MAX = 256, NAMES_MAX = 6, LABEL_HIGH = 10, CHAR_WIDE = 6, NIGHT_STEP = 5 };

/* How a desk stands, the most telling first: a place with several shows the first of them. */
enum look { LOOK_OWN, LOOK_WAITING, LOOK_OPEN, LOOK_CLOSED, LOOK_UNKNOWN, LOOK_OFFERED,
	LOOK_BLOCKED, LOOK_N };

/* Around 0 0, so that each is moved into its place. */
static const struct {
	const char *css, *shape, *word;
} looks[LOOK_N] = {
	[LOOK_OWN] = { "own", "<circle r=\"6\"/><circle class=\"full\" r=\"2.5\"/>",
		WORDS("this node") },
	[LOOK_WAITING] = { "waiting", "<path class=\"full\" d=\"M0-6 6 5H-6z\"/>",
	WORDS("something waits for them") }, [LOOK_OPEN] = { "open",
	"<circle class=\"full\" r=\"5\"/>", WORDS("in office hours") }, [LOOK_CLOSED] = { "shut",
	"<circle r=\"4.5\"/>", WORDS("outside of office hours") }, [LOOK_UNKNOWN] = { "shut",
	"<circle r=\"4.5\"/><path d=\"M-4.5 0h9\"/>", WORDS("hours not known") },
	[LOOK_OFFERED] = { "offered", "<path d=\"M-4-4H4V4H-4z\"/>",
	WORDS("not accepted here yet") }, [LOOK_BLOCKED] = { "blocked",
	"<path d=\"M-4-4 4 4M4-4-4 4\"/>", WORDS("blocked") },
};

struct spot {
	int x, y;
	enum look look;
	char label[24];
	const char *names[NAMES_MAX];
	size_t names_n, all;
};

struct box {
	int x, y, w, h;
};

struct map {
	struct spot spots[SPOTS_MAX];
	size_t spots_n;
	struct box taken[2 * SPOTS_MAX]; /* by marks and labels */
	size_t taken_n;
};

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

/* Where its clock is; otherwise the main place of its economy. */
static const struct map_place *
place_of(const json_t *desk)
{
	const char *zone = text_of(desk, "timezone"), *economy = text_of(desk, "economy");
	const struct map_place *main_place = NULL;

	for (const struct map_place *p = map_places; p->economy != NULL; p++) {
		if (strcmp(p->economy, economy) != 0)
			continue;
		if (strcmp(p->zone, zone) == 0)
			return p;
		main_place = main_place == NULL ? p : main_place;
	}
	return main_place;
}

static enum look
look_of(const json_t *desk)
{
	const char *state = text_of(desk, "state"), *open = text_of(desk, "open");

	if (strcmp(state, "own") == 0)
		return LOOK_OWN;
	if (strcmp(state, "blocked") == 0)
		return LOOK_BLOCKED;
	if (strcmp(state, "accepted") != 0)
		return LOOK_OFFERED;
	if (json_integer_value(json_object_get(desk, "waiting")) > 0)
		return LOOK_WAITING;
	return strcmp(open, "open") == 0 ? LOOK_OPEN
		: strcmp(open, "closed") == 0 ? LOOK_CLOSED
					       : LOOK_UNKNOWN;
}

static void
spot_add(struct map *m, const json_t *desk)
{
	const struct map_place *p = place_of(desk);
	const char *local = text_of(desk, "local_time");
	enum look look = look_of(desk);
	struct spot *s = NULL;

	if (p == NULL)
		return; /* the table has it */
	for (size_t i = 0; i < m->spots_n; i++)
		if (m->spots[i].x == p->x && m->spots[i].y == p->y)
			s = &m->spots[i];
	if (s == NULL && m->spots_n < SPOTS_MAX) {
		s = &m->spots[m->spots_n++];
		*s = (struct spot){ .x = p->x, .y = p->y, .look = look };
		(void)snprintf(s->label, sizeof(s->label), "%.2s %.5s", text_of(desk, "economy"),
			strlen(local) >= 16 ? local + 11 : "");
	}
	if (s == NULL)
		return;
	s->look = look < s->look ? look : s->look;
	s->all++;
	if (s->names_n < NAMES_MAX)
		s->names[s->names_n++] = text_of(desk, "address");
}

/* ---- night ---- */

/* Where the sun stands overhead, to half a degree: enough for a shade on a map. */
static void
sun_at(int64_t us, double *lon, double *lat)
{
	const double rad = M_PI / 180;
	double days = (double)us / 86400e6 - 10957.5; /* since noon of 1 January 2000 */
	double mean = (357.53 + 0.98560028 * days) * rad;
	double centre = 1.915 * sin(mean) + 0.02 * sin(2 * mean);
	double along = (280.46 + 0.9856474 * days + centre) * rad;
	double tilt = 23.44 * rad;
	double right = atan2(cos(tilt) * sin(along), cos(along));
	double turn = (280.46062 + 360.9856473 * days) * rad;

	*lat = asin(sin(tilt) * sin(along));
	*lon = remainder(right - turn, 2 * M_PI);
}

static enum co_rc
night_add(struct co_buf *out, int64_t now_us, struct co_err *err)
{
	const double rad = M_PI / 180;
	double lon, lat;
	int edge;

	sun_at(now_us, &lon, &lat);
	if (fabs(lat) < 0.5 * rad)
		lat = lat < 0 ? -0.5 * rad : 0.5 * rad; /* at an equinox the line is upright */
	edge = lat > 0 ? MAP_HIGH : 0;                  /* the pole that has night */
	TRY(co_buf_addf(out, err, "<path class=\"night\" d=\"M0 %d", edge));
	for (int d = -180; d <= 180; d += NIGHT_STEP) {
		double at = atan(-cos(d * rad - lon) / tan(lat)) / rad;
		int y = (int)lround((MAP_NORTH - at) * MAP_SCALE);

		y = y < 0 ? 0 : y > MAP_HIGH ? MAP_HIGH : y;
		TRY(co_buf_addf(out, err, "L%d %d", (d + 180) * MAP_SCALE, y));
	}
	return co_buf_addf(out, err, "V%dz\"/>", edge);
}

/* ---- marks ---- */

static bool
box_free(const struct map *m, struct box b)
{
	if (b.x < 0 || b.y < 0 || b.x + b.w > MAP_WIDE || b.y + b.h > MAP_HIGH)
		return false;
	for (size_t i = 0; i < m->taken_n; i++) {
		const struct box *t = &m->taken[i];

		if (b.x < t->x + t->w && t->x < b.x + b.w && b.y < t->y + t->h && t->y < b.y + b.h)
			return false;
	}
	return true;
}

/* Right of the mark, left, above, below: where nothing is yet. Without room there is no label. */
static enum co_rc
label_add(struct map *m, const struct spot *s, struct co_buf *out, struct co_err *err)
{
	int w = (int)strlen(s->label) * CHAR_WIDE;
	const struct box tries[] = { { s->x + 8, s->y - 5, w, LABEL_HIGH },
		{ s->x - 8 - w, s->y - 5, w, LABEL_HIGH }, { s->x - w / 2, s->y - 18, w,
		LABEL_HIGH }, { s->x - w / 2, s->y + 8, w, LABEL_HIGH } };

	for (size_t i = 0; i < CO_ARRAY_LEN(tries); i++) {
		if (!box_free(m, tries[i]))
			continue;
		m->taken[m->taken_n++] = tries[i];
		TRY(co_buf_addf(out, err, "<text x=\"%d\" y=\"%d\">", tries[i].x, tries[i].y + 9));
		TRY(html_text(out, s->label, strlen(s->label), err));
		return co_buf_add_str(out, "</text>", err);
	}
	return CO_OK;
}

static enum co_rc
spot_draw(const struct spot *s, const struct template_view *view, struct co_buf *out,
	struct co_err *err)
{
	const char *word = catalogue_text(view->words, looks[s->look].word);

	TRY(co_buf_addf(out, err, "<g class=\"mark %s\" transform=\"translate(%d %d)\"><title>",
		looks[s->look].css, s->x, s->y));
	for (size_t i = 0; i < s->names_n; i++) {
		TRY(co_buf_add_str(out, i == 0 ? "" : ", ", err));
		TRY(html_text(out, s->names[i], strlen(s->names[i]), err));
	}
	TRY(co_buf_add_str(out, s->all > s->names_n ? " …: " : ": ", err));
	TRY(html_text(out, word, strlen(word), err));
	return co_buf_addf(out, err, "</title>%s</g>", looks[s->look].shape);
}

static enum co_rc
legend_add(const struct map *m, const struct template_view *view, struct co_buf *out,
	struct co_err *err)
{
	bool seen[LOOK_N] = { false };

	for (size_t i = 0; i < m->spots_n; i++)
		seen[m->spots[i].look] = true;
	TRY(co_buf_add_str(out, "<ul class=\"map-legend\">", err));
	for (size_t k = 0; k < LOOK_N; k++) {
		const char *word = catalogue_text(view->words, looks[k].word);

		if (!seen[k])
			continue;
		TRY(co_buf_addf(out, err,
			"<li><svg class=\"map\" viewBox=\"-8 -8 16 16\" width=\"16\" height=\"16\" "
			"aria-hidden=\"true\"><g class=\"mark %s\">%s</g></svg> ",
			looks[k].css, looks[k].shape));
		TRY(html_text(out, word, strlen(word), err));
		TRY(co_buf_add_str(out, "</li>", err));
	}
	return co_buf_add_str(out, "</ul>", err);
}

static enum co_rc
map_draw(struct map *m, const struct template_view *view, struct co_buf *out, struct co_err *err)
{
	TRY(co_buf_addf(out, err,
		"<svg class=\"map\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">"
		"<path class=\"land\" d=\"",
		MAP_WIDE, MAP_HIGH));
	for (size_t i = 0; map_land[i] != NULL; i++)
		TRY(co_buf_add_str(out, map_land[i], err));
	TRY(co_buf_add_str(out, "\"/>", err));
	TRY(night_add(out, view->now_us, err));
	for (size_t i = 0; i < m->spots_n; i++)
		m->taken[m->taken_n++] = (struct box){ m->spots[i].x - 6, m->spots[i].y - 6, 12,
			12 };
	for (size_t i = 0; i < m->spots_n; i++)
		TRY(label_add(m, &m->spots[i], out, err));
	for (size_t i = 0; i < m->spots_n; i++)
		TRY(spot_draw(&m->spots[i], view, out, err));
	TRY(co_buf_add_str(out, "</svg>", err));
	return legend_add(m, view, out, err);
}

enum co_rc
filter_map(const json_t *v, const struct template_view *view, struct co_buf *out,
	struct co_err *err)
{
	struct map *m = calloc(1, sizeof(*m));
	const json_t *desk;
	enum co_rc rc;
	size_t i;

	if (m == NULL)
		return co_fail(err, CO_ENOMEM, "the map");
	json_array_foreach(v, i, desk)
		spot_add(m, desk);
	rc = map_draw(m, view, out, err);
	free(m);
	return rc;
}
