/* The reporting service: figures from the other services' journals. Everything else of it is found through this literal. */
#ifndef DAYWAYS_SERVICES_REPORTING_REPORTING_H
#define DAYWAYS_SERVICES_REPORTING_REPORTING_H

#include "common/service.h"

extern const struct service reporting_service;

#endif
