/* The commands of capacity: one function each, and what they share in reading a message. */
#ifndef DAYWAYS_CAPACITY_DECIDE_H
#define DAYWAYS_CAPACITY_DECIDE_H

#include "services/capacity/state.h"

void capacity_decide_register_provider(const struct state *state, const ProtobufCMessage *command,
                                       const struct context *ctx, struct decision *decision);
void capacity_decide_agree_contract(const struct state *state, const ProtobufCMessage *command,
                                    const struct context *ctx, struct decision *decision);
void capacity_decide_register_service(const struct state *state, const ProtobufCMessage *command,
                                      const struct context *ctx, struct decision *decision);
void capacity_decide_set_session(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);
void capacity_decide_hold_places(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);
void capacity_decide_extend_hold(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);
void capacity_decide_confirm_hold(const struct state *state, const ProtobufCMessage *command,
                                  const struct context *ctx, struct decision *decision);
void capacity_decide_release_hold(const struct state *state, const ProtobufCMessage *command,
                                  const struct context *ctx, struct decision *decision);
void capacity_decide_expire_hold(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);
void capacity_decide_end_booking(const struct state *state, const ProtobufCMessage *command,
                                 const struct context *ctx, struct decision *decision);

/* Each says no (invalid, naming the field) and returns false when the field is not as it must be. */
bool capacity_read_id(struct decision *decision, const char *field, const ProtobufCBinaryData *data,
                      struct id *ret_id);
bool capacity_read_range(struct decision *decision, const Dw__Date *from, const Dw__Date *to);
bool capacity_read_amounts(struct decision *decision, const char *field,
                           Dw__LimitAmount *const *list, size_t count, struct amounts *ret_amounts);

/* True when there is a mistake in a list of amounts: a kind unknown or twice, an amount over LIMIT_MAX. */
bool capacity_amounts_wrong(Dw__LimitAmount *const *list, size_t count);

/* True for a date of the years 1970 to 2199. */
bool capacity_date_valid(const Dw__Date *date);

/* True for degrees × 1,000,000 in Great Britain. */
bool capacity_coordinates_valid(int32_t latitude_e6, int32_t longitude_e6);

/* True when both say the same, neither being there included. */
bool capacity_date_equal(const Dw__Date *left, const Dw__Date *right);

/* True when two messages of one type say the same. */
bool capacity_message_equal(struct decision *decision, const ProtobufCMessage *left,
                            const ProtobufCMessage *right);

/* Lines the council buys: they need a live contract. */
bool capacity_funding_needs_contract(Dw__FundingRoute funding);

#endif
