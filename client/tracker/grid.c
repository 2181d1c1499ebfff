#include "client/tracker/grid.h"

#include <stdlib.h>

#define GAP_COLUMNS 2

struct grid_cell {
    size_t at;
    size_t len;
    size_t width;
    enum grid_color color;
};

static const char *const sequences[] = {
    [GRID_PLAIN] = "",         [GRID_GOOD] = "\033[32m", [GRID_WARNING] = "\033[1;33m",
    [GRID_BAD] = "\033[1;31m", [GRID_FAINT] = "\033[2m", [GRID_BOLD] = "\033[1m",
};

void grid_color_begin(struct text *out, enum grid_color color, bool has_color)
{
    if (has_color)
        text_put_str(out, sequences[color]);
}

void grid_color_end(struct text *out, enum grid_color color, bool has_color)
{
    if (has_color && color != GRID_PLAIN)
        text_put_str(out, "\033[0m");
}

/* Characters; what is wider than one column on a terminal sets a row askew, no more. */
static size_t width_of(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t i = 0; i < len; i++)
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
    return width;
}

void grid_end_cell(struct grid *grid, enum grid_color color)
{
    if (grid->count == grid->room) {
        size_t room = grid->room ? grid->room * 2 : 64;
        struct grid_cell *cells = realloc(grid->cells, room * sizeof *cells);
        if (!cells) {
            grid->failed = true;
            return;
        }
        grid->cells = cells;
        grid->room = room;
    }
    size_t len = grid->text.len - grid->begin, column = grid->count % grid->columns;
    size_t width = len > 0 ? width_of(grid->text.data + grid->begin, len) : 0;
    grid->cells[grid->count++] = (struct grid_cell){grid->begin, len, width, color};
    if (width > grid->widths[column])
        grid->widths[column] = width;
    grid->begin = grid->text.len;
}

void grid_put(struct grid *grid, enum grid_color color, const char *text)
{
    text_put_str(&grid->text, text);
    grid_end_cell(grid, color);
}

void grid_write(struct text *out, struct grid *grid, bool has_color)
{
    for (size_t i = 0; i < grid->count && !grid->text.failed; i++) {
        const struct grid_cell *cell = &grid->cells[i];
        size_t column = i % grid->columns;
        if (column == 0)
            text_put_str(out, "  ");
        grid_color_begin(out, cell->color, has_color);
        text_put(out, grid->text.data + cell->at, cell->len);
        grid_color_end(out, cell->color, has_color);
        if (column == grid->columns - 1) {
            text_put_char(out, '\n');
            continue;
        }
        for (size_t pad = cell->width; pad < grid->widths[column] + GAP_COLUMNS; pad++)
            text_put_char(out, ' ');
    }
    out->failed |= grid->failed || grid->text.failed;
    text_fini(&grid->text);
    free(grid->cells);
    *grid = (struct grid){0};
}

/* The length of a sequence that sets a colour, ESC [ … m, at the start of the text; 0: there is none. */
static size_t sequence_len(const uint8_t *at, const uint8_t *end)
{
    if (end - at < 3 || at[0] != 0x1b || at[1] != '[')
        return 0;
    for (const uint8_t *byte = at + 2; byte < end; byte++) {
        if (*byte == 'm')
            return (size_t)(byte - at) + 1;
    }
    return 0;
}

void grid_clip(struct text *out, struct span text, size_t width, size_t height)
{
    const uint8_t *at = text.data, *end = span_end(text);
    size_t column = 0, line = 0;
    while (at < end && line < height) {
        size_t len = sequence_len(at, end);
        if (len > 0) {
            text_put(out, at, len);
            at += len;
            continue;
        }
        if (*at == '\n') {
            column = 0;
            if (++line < height && at + 1 < end)
                text_put_char(out, '\n');
        } else {
            bool begins = (*at & 0xc0) != 0x80;
            column += begins;
            if (column <= width)
                text_put_char(out, (char)*at);
        }
        at++;
    }
}
