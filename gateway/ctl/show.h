/* The gateway's JSON answers as text for a person. */
#ifndef CUTOUT_SHOW_H
#define CUTOUT_SHOW_H

#include <stdio.h>

#include <jansson.h>

#include "result.h"

/* Writes any object: a line for each key, the values in one column; an object
 * inside is indented under its key, a list of objects is a table. Keys lose
 * their "_" and camel case, control characters become "?". RC_BAD: it is no
 * object. */
enum rc show_object(FILE *to, json_t *object) MUST_USE;

/* Writes {"dead":[{"h":,"destination":}...]}: an item a line, h first. *count:
 * how many. RC_BAD: it is not that; some may have been written. */
enum rc show_dead(FILE *to, const json_t *answer, size_t *count) MUST_USE;

/* Writes text with "?" for control characters. */
void show_text(FILE *to, const char *raw_text);

#endif
