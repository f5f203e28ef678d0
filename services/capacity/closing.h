/* What commands about closures ask, of one service (decide_closure.c) and of a site with all that is there (decide_site.c). */
#ifndef DAYWAYS_CAPACITY_CLOSING_H
#define DAYWAYS_CAPACITY_CLOSING_H

#include "services/capacity/state.h"

/* True when there is something to record; said again it is accepted, and said otherwise it is refused. */
bool capacity_closure_is_new(const struct state *state, const Dw__Closure *closure,
                             struct decision *decision);

/* Refuses a first date that lies too far back for who declares it. */
void capacity_closure_check_from(const Dw__Closure *closure, const struct context *ctx,
                                 struct decision *decision);

/* False, and refused, when a provider would lift it from a day that has been. */
bool capacity_closure_may_lift(const Dw__Date *from, const struct context *ctx,
                               struct decision *decision);

/* Refuses to make longer what ends on that date already. */
void capacity_closure_refuse_over(int32_t last, struct decision *decision);

/* Closes every service of the site, of which a provider has its own only: each by a closure whose id comes of the one that the wish has.
 * Whom that touches is told by time, for a decision does not hold it. */
void capacity_site_close(const struct state *state, const Dw__DeclareClosure *wish,
                         const struct id *closure_id, const struct context *ctx,
                         struct decision *decision);

/* A closure of a site has this id. */
bool capacity_site_is_closed(const struct state *state, const struct id *closure_id);

/* Lifts what the closure of a site still closes on that date or later. */
void capacity_site_lift(const struct state *state, const struct id *closure_id, Dw__Date *from,
                        const struct context *ctx, struct decision *decision);

#endif
