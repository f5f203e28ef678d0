/* The referrals service: people and what is wanted for them. Everything else of it is found through this literal. */
#ifndef DAYWAYS_SERVICES_REFERRALS_REFERRALS_H
#define DAYWAYS_SERVICES_REFERRALS_REFERRALS_H

#include "common/service.h"

extern const struct service referrals_service;

#endif
