/* What this machine says about a report, shown to its author. */
#ifndef CUTOUT_JUDGE_H
#define CUTOUT_JUDGE_H

#include "checker.h"
#include "draft.h"
#include "options.h"
#include "submit.h"

/* Loads the contract. NULL: told on standard error. */
struct checker *judge_load(const struct options *o) MUST_USE;

/* Judges a prepared draft: OUTCOME_ACCEPTED, _URGENT, _RETURNED or _FAILED.
 * said, when not NULL: shows nothing when nothing stands against it, because
 * the gateway's answer will say the rest; *said is then what there is to say
 * should there be no answer, and the caller's. */
enum outcome judge(const struct checker *c, const struct draft *d,
    struct reply **said);

/* `check FILE...`, with --online by the gateway. */
enum outcome command_check(const struct options *o);

#endif
