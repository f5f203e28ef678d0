/* The capacity service, for its main.c and for tests: the tables stand in service.c. */
#ifndef DAYWAYS_CAPACITY_CAPACITY_H
#define DAYWAYS_CAPACITY_CAPACITY_H

#include "common/service.h"

/* Kinds of records, in the order in which they are indexed: each may rely on those before it. */
enum capacity_kind {
    KIND_PROVIDER = 1,
    KIND_CONTRACT,
    KIND_SERVICE,
    KIND_SESSION,
    KIND_BOOKING,
    KIND_OUTSIDE,
    KIND_CONFIRMATION,
    KIND_STANDING,
    KIND_FRAMEWORK_TERM,
    KIND_LIMITS,
    KIND_CLOSURE,
    KIND_TELLING,
    KIND_VISIT,
    KIND_VISIT_STANDING,
    KIND_ACTION,
    KIND_CONCERN,
    KIND_ASSURANCE,
    KIND_SUSPENSION,
    KIND_RATES,
    KIND_STRANDED,
};

extern const struct service capacity_service;

#endif
