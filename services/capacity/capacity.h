/* The capacity service: providers, contracts, services, sessions and who has which chair. Pure: see README.md. */
#ifndef DAYWAYS_CAPACITY_CAPACITY_H
#define DAYWAYS_CAPACITY_CAPACITY_H

#include "common/service.h"

extern const struct service capacity_service;

#endif
