/* Columns of text on a terminal, each as wide as its widest cell. Pure. */
#ifndef CLIENT_TRACKER_GRID_H
#define CLIENT_TRACKER_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/text.h"

#define GRID_COLUMNS_MAX 8

enum grid_color { GRID_PLAIN, GRID_GOOD, GRID_WARNING, GRID_BAD, GRID_FAINT, GRID_BOLD };

struct grid {
    struct text text; /* of all cells */
    struct grid_cell *cells;
    size_t count;
    size_t room;
    size_t columns;
    size_t widths[GRID_COLUMNS_MAX];
    size_t begin; /* of the cell that is being written */
    bool failed;
};

/* All zero is an empty grid; set `columns`. A cell is what was appended to grid->text since the one before; a row is
 * `columns` of them. Nothing raw may be appended. */
void grid_end_cell(struct grid *grid, enum grid_color color);
void grid_put(struct grid *grid, enum grid_color color, const char *text);

/* Appends the rows, each with a newline, and frees the grid. */
void grid_write(struct text *out, struct grid *grid, bool has_color);

/* Appends what fits into a screen of `width` columns and `height` lines, without the newline behind the last one:
 * longer lines are cut. Sequences that set colours take no room. */
void grid_clip(struct text *out, struct span text, size_t width, size_t height);

/* Begins and ends a colour. */
void grid_color_begin(struct text *out, enum grid_color color, bool has_color);
void grid_color_end(struct text *out, enum grid_color color, bool has_color);

#endif
