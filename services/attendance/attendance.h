/* The attendance service: registers, from the files that providers send. Everything else of it is found through this literal. */
#ifndef DAYWAYS_SERVICES_ATTENDANCE_ATTENDANCE_H
#define DAYWAYS_SERVICES_ATTENDANCE_ATTENDANCE_H

#include "common/service.h"

extern const struct service attendance_service;

#endif
