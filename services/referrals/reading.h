/* What queries read of people and referrals, from the vault too. */
#ifndef DAYWAYS_SERVICES_REFERRALS_READING_H
#define DAYWAYS_SERVICES_REFERRALS_READING_H

#include "services/referrals/state.h"

/* Who cares for the person, in the order of their numbers. Returns how many. */
size_t reading_carers(const struct state *state, const Dw__Person *person, struct answer *answer,
                      ProtobufCBinaryData **ret_ids);

/* The details, or NULL when they were erased or are not read yet. */
Dw__PersonDetails *reading_details(const Dw__Person *person, struct vault *vault);

/* The referral and what was written about it; points into it. */
void reading_referral(const Dw__Referral *referral, struct vault *vault, struct answer *answer,
                      Dw__ReferralRead *ret_read);

/* Unmet needs of the person, newest first, at most 100. Returns how many. */
size_t reading_unmet(const struct state *state, const ProtobufCBinaryData *person_id,
                     struct answer *answer, Dw__UnmetNeed ***ret_needs);

#endif
