/* The daemon dayways-attendance. */
#include "services/attendance/attendance.h"

int main(int argc, char **argv)
{
    return service_run(&attendance_service, argc, argv);
}
