/* The placements service: from a proposed place to the end of support. Everything else of it is found through this
 * literal. */
#ifndef DAYWAYS_SERVICES_PLACEMENTS_PLACEMENTS_H
#define DAYWAYS_SERVICES_PLACEMENTS_PLACEMENTS_H

#include "common/service.h"

extern const struct service placements_service;

#endif
