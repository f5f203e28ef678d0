/* The queries of capacity: one function each. */
#ifndef DAYWAYS_CAPACITY_QUERY_H
#define DAYWAYS_CAPACITY_QUERY_H

#include "services/capacity/state.h"

void capacity_query_find_capacity(const struct state *state, const ProtobufCMessage *request,
                                  const struct context *ctx, struct vault *vault,
                                  struct answer *answer);
void capacity_query_get_service(const struct state *state, const ProtobufCMessage *request,
                                const struct context *ctx, struct vault *vault,
                                struct answer *answer);
void capacity_query_list_services(const struct state *state, const ProtobufCMessage *request,
                                  const struct context *ctx, struct vault *vault,
                                  struct answer *answer);
void capacity_query_occupancy(const struct state *state, const ProtobufCMessage *request,
                              const struct context *ctx, struct vault *vault,
                              struct answer *answer);

#endif
