/* All services side by side, driven purely (see pure.h) by steps that are made of bytes: commands, queries, answers to what
 * they asked each other, events delivered or made up, time. What they say is looked at after every step: refusals are the
 * service's own, events and outgoing commands are messages that the door would take, texts can be shown. */
#ifndef DAYWAYS_TESTS_WORLD_H
#define DAYWAYS_TESTS_WORLD_H

#include "tests/support/form.h"

struct world;

/* How it may begin: one service or all of them, brought to its deepest state by plain steps. */
enum { WORLD_PRELUDES = 11 };

/* The model must outlive the world. */
struct world *world_create(const ProtobufCMessage *model);
void world_destroy(struct world **world);

size_t world_prelude_steps(size_t prelude);

/* Takes the first steps of a prelude, with the first of everything (shift 0), the second (1) and so on. The number of those
 * that were not taken as they should; 0 where the model is an ordinary one. */
size_t world_prepare(struct world *world, size_t prelude, size_t steps, uint8_t shift);

/* One step, of the form's bytes. */
void world_step(struct world *world, struct form *form);

/* Every query of the services that have been spoken to once, as an operator asks it. */
void world_ask_everything(struct world *world);

/* Who tells nothing from now on is not folded again by world_check: its state here has been checked elsewhere. */
void world_believe(struct world *world);

/* Every service's records are what its events fold to, and it answers the last queries in the same way after its records were
 * loaded in another order. */
void world_check(struct world *world);

#endif
