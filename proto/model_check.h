/* What a commissioning model must be beyond its types, so that services can work by it: asked before any daemon serves a council
 * (its --check-config, too) and by `dayways model check`. Pure; knows the messages and nobody who uses them. */
#ifndef DAYWAYS_PROTO_MODEL_CHECK_H
#define DAYWAYS_PROTO_MODEL_CHECK_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

/* True when the CommissioningModel is whole and does not contradict itself. Else *ret_wrong is the path in its file of the first thing
 * that is wrong, and what would be right: "levels[1].number: 1 is the number of levels[0], too; each has its own". */
bool model_check(const ProtobufCMessage *message, char *ret_wrong, size_t size);

#endif
