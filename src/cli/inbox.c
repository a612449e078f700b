#include "cli/run.h"

#include <stdio.h>
#include <string.h>

/* Titles alone where there is nothing: the eye looks for rows. */
static void
part_show(const char *title, const json_t *rows, const char *columns)
{
	(void)printf("%s\n", title);
	if (json_array_size(rows) == 0)
		(void)puts("(none)");
	else
		cli_rows(rows, columns);
	(void)putchar('\n');
}

/* Drafts that wait for this officer, with what there is to do; what is left waits for others. */
static void
drafts_split(const json_t *drafts, json_t *mine, json_t *others)
{
	static const struct {
		const char *turn, *todo;
	} todos[] = {
		{ "decide", "approve or reject" },
		{ "send", "send" },
		{ "correct", "correct it: it was sent back" },
	};
	json_t *row;
	size_t k;

	json_array_foreach(drafts, k, row)
	{
		const char *todo = NULL;

		for (size_t i = 0; i < CO_ARRAY_LEN(todos); i++)
			if (strcmp(cli_text(row, "turn"), todos[i].turn) == 0)
				todo = todos[i].todo;
		if (todo != NULL)
			(void)json_object_set_new(row, "todo", json_string(todo));
		(void)json_array_append(todo != NULL ? mine : others, row);
	}
}

void
show_inbox(const struct cli *c, const json_t *answer)
{
	static const struct {
		const char *member, *title, *more, *turn;
	} parts[] = {
		{ "ours_to_move", "Waiting for us", "ours_more", "ours" },
		{ "answered", "Answered, and not read yet", NULL, NULL },
		{ "theirs_to_move", "Waiting for others", "theirs_more", "theirs" },
		{ "ending", "Preservations that end soon", "ending_more", "ending" },
	};
	json_auto *mine = json_array(), *others = json_array();
	const json_t *evidence = json_object_get(answer, "evidence");

	(void)c;
	drafts_split(json_object_get(answer, "drafts"), mine, others);
	if (json_array_size(mine) > 0)
		part_show("Waiting for you", mine,
			"id:Draft,todo:To do,kind:Kind,draft.measure:Measure,draft.to:Partner,"
			"draft.urgency:Urgency,draft.body.action:Action,draft.name:Exhibit,"
			"created_by:By");
	if (json_array_size(evidence) > 0)
		part_show("Evidence to decide on", evidence,
			"exhibit:Exhibit,name:Name,ours:Case,until:Kept until,"
			"hold_until:Look again,hold_ended:Hold ended,rule:Rule");
	for (size_t i = 0; i < CO_ARRAY_LEN(parts); i++) {
		const json_t *rows = json_object_get(answer, parts[i].member);
		const char *more = parts[i].more == NULL ? "" : cli_text(answer, parts[i].more);

		if (!json_is_array(rows))
			continue;
		part_show(parts[i].title, rows,
			"id:Request,measure:Measure,partner:Partner,state:State,urgency:Urgency,"
			"due:Answer due,expiry:Kept until,officer:Taken by");
		if (*more != '\0')
			(void)printf("There is more: --turn %s --after %s\n\n", parts[i].turn,
				more);
	}
	if (json_array_size(others) > 0)
		part_show("Not sent yet", others,
			"id:Draft,kind:Kind,draft.measure:Measure,draft.body.action:Action,"
			"draft.name:Exhibit,state:State,created_by:By,created:Composed");
}
