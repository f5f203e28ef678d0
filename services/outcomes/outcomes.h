/* The outcomes service: what a person wants to change, and what did. Everything else of it is found through this
 * literal. */
#ifndef DAYWAYS_SERVICES_OUTCOMES_OUTCOMES_H
#define DAYWAYS_SERVICES_OUTCOMES_OUTCOMES_H

#include "common/service.h"

extern const struct service outcomes_service;

#endif
